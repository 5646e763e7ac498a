/**
 * Images a second that are decoded and prepared: a plain sequential loop against the loader with 0, 1 and 2 threads,
 * without and with the cache, and the share of time that a 50 ms training step waits for its batch.
 *
 * `node build/bench/bench/load.js [FOLDER]` takes a VOC2012 folder; without one it makes pictures of VOC's size.
 * Variants are interleaved and the best of several rounds counts, so that other work on the machine hurts all alike.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { createLoader, type DatasetSpec, openDataset } from "../src/datasets/index.js";
import { encodeMaskPng } from "../src/images/index.js";
import { Draws } from "../src/random/index.js";

const rounds = 3;
const batchSize = 16;
const stepMs = 50;
const generatedPictures = 96;
const [height, width] = [375, 500];

/** A VOC2012 folder of smooth random pictures, which compress about as photographs do. */
async function generateTree(): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), "snnseg-bench-"));
  const folders = ["JPEGImages", "SegmentationClassAug", join("ImageSets", "Segmentation")];
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  const ids = Array.from({ length: generatedPictures }, (_, i) => `generated_${i}`);
  for (const [i, id] of ids.entries()) {
    const draws = new Draws(i);
    const coarse = Buffer.from(Array.from({ length: 64 * 48 * 3 }, () => draws.integer(256)));
    const image = sharp(coarse, { raw: { width: 64, height: 48, channels: 3 } }).resize(width, height);
    writeFileSync(join(root, "JPEGImages", `${id}.jpg`), await image.jpeg({ quality: 92 }).toBuffer());
    const mask = Uint8Array.from(
      { length: height * width },
      (_, p) => (Math.floor((p % width) / 60) * 3) % 21,
    );
    writeFileSync(
      join(root, "SegmentationClassAug", `${id}.png`),
      encodeMaskPng({ height, width, data: mask }),
    );
  }
  writeFileSync(join(root, "ImageSets", "Segmentation", "train.txt"), ids.join("\n"));
  return root;
}

async function sequential(spec: DatasetSpec): Promise<number> {
  const dataset = await openDataset(spec, "train");
  const start = performance.now();
  for (let i = 0; i < dataset.length; i++) await dataset.read(i, { seed: 0, epoch: 0 });
  return (1000 * dataset.length) / (performance.now() - start);
}

/** Images a second of the first epoch, and of a second one that finds all in the cache. */
async function loaded(spec: DatasetSpec, workers: number): Promise<readonly [number, number]> {
  await using loader = await createLoader(spec, { split: "train", batchSize, workers, shuffle: true });
  // Threads start before the clock does.
  for await (const _ of loader.batches(0, { start: loader.batchCount - 1 })) break;
  const speeds = [0, 0];
  for (const epoch of [1, 2]) {
    const start = performance.now();
    for await (const _ of loader.batches(epoch));
    speeds[epoch - 1] = (1000 * loader.dataset.length) / (performance.now() - start);
  }
  return speeds as [number, number];
}

/** Share of time that a step of 50 ms, which blocks this thread as training does, waits for its batch. */
async function waiting(spec: DatasetSpec, batch: number): Promise<readonly [number, number]> {
  await using loader = await createLoader(spec, {
    split: "train",
    batchSize: batch,
    workers: 2,
    shuffle: true,
  });
  const shares = [0, 0];
  for (const epoch of [0, 1]) {
    for await (const _ of loader.batches(epoch))
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stepMs);
    shares[epoch] = loader.waitingShare();
  }
  return shares as [number, number];
}

const given = process.argv[2];
const root = given ?? (await generateTree());
const spec: DatasetSpec = { name: "voc2012", root, imgSize: [64, 64] };
const best = new Map<string, number>();
const keep = (name: string, speed: number) => best.set(name, Math.max(best.get(name) ?? 0, speed));
for (let round = 0; round < rounds; round++) {
  keep("sequential loop", await sequential(spec));
  for (const workers of [0, 1, 2]) {
    const [first, cached] = await loaded(spec, workers);
    keep(`loader, ${workers} threads, first epoch`, first);
    keep(`loader, ${workers} threads, from the cache`, cached);
  }
}
console.log(
  `${given ?? "generated pictures"} to 64x64, ${availableParallelism()} processors, best of ${rounds}`,
);
for (const [name, speed] of best) console.log(`${name.padEnd(36)} ${speed.toFixed(0).padStart(7)} images/s`);
for (const batch of [4, 8, 16]) {
  const [first, later] = await waiting(spec, batch);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  console.log(
    `batch ${batch}, step ${stepMs} ms, 2 threads: waiting ${percent(first)} in the first epoch, ${percent(later)} later`,
  );
}
if (given === undefined) rmSync(root, { recursive: true });
