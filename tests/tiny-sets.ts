/** Every kind of data set with a few examples of its own kind of files, and another of each that differs a little. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { encodeMaskPng } from "../src/images/index.js";
import { integer } from "../src/random/index.js";
import { writeTinyData } from "./cli/tiny-data.js";
import { put, writeTinyDdd17 } from "./cli/tiny-events.js";
import { randomEvents, textLines, writeDsecFile } from "./event-writers.js";

/** Two roots of each kind of data set. */
export async function writeTinySets(folder: string) {
  const pairs = async (name: string, write: (root: string, seed: number) => Promise<unknown> | unknown) => {
    const roots = [join(folder, name), join(folder, `other-${name}`)] as const;
    for (const [seed, root] of roots.entries()) await write(root, seed);
    return roots;
  };
  return {
    folder: await pairs("folder", writePictures),
    voc2012: await pairs("voc2012", writeVoc),
    ddd17: await pairs("ddd17", writeDdd17),
    dsec: await pairs("dsec", writeDsec),
    events: await pairs("events", writeRecordings),
    simulated: await pairs("simulated", writePictures),
  };
}

/** Upside-down photographs. */
async function writePictures(root: string, seed: number): Promise<void> {
  writeTinyData(root, { train: 6 - seed, val: 3 - seed });
  const folder = join(root, "images");
  for (const name of readdirSync(folder)) {
    const upright = readFileSync(join(folder, name));
    writeFileSync(join(folder, name), await sharp(upright).withMetadata({ orientation: 3 }).png().toBuffer());
  }
}

/** The same pictures where VOC2012 has them. */
async function writeVoc(root: string, seed: number): Promise<void> {
  await writePictures(root, seed);
  for (const split of ["train", "val"]) {
    const names = readdirSync(join(root, "masks")).filter((name) => name.startsWith(split));
    const ids = names.map((name) => name.replace(".png", ""));
    put(join(root, "ImageSets/Segmentation", `${split}.txt`), `${ids.join("\n")}\n`);
    mkdirSync(join(root, "JPEGImages"), { recursive: true });
    for (const id of ids) {
      const picture = sharp(join(root, "images", `${id}.png`));
      await picture
        .withMetadata({ orientation: 3 })
        .jpeg()
        .toFile(join(root, "JPEGImages", `${id}.jpg`));
    }
  }
  cpSync(join(root, "masks"), join(root, "SegmentationClassAug"), { recursive: true });
}

/** Seven recordings, as the division of ESS asks for; five are in `train`. */
function writeDdd17(root: string, seed: number): void {
  writeTinyDdd17(root);
  for (const recording of [10, 11, 12, 13])
    copyFrame(root, "train", ["rec14_export_3", `rec${recording}_export_3`]);
  copyFrame(root, "test", ["rec15_export_0", "rec16_export_0"]);
  if (seed === 0) return;
  copyFrame(root, "train", ["rec14_export_5", "rec14_export_3"]);
  copyFrame(root, "test", ["rec15_export_1", "rec15_export_0"]);
}

function copyFrame(root: string, split: string, [from, to]: readonly [string, string]): void {
  cpSync(join(root, "events", split, `${from}.npy`), join(root, "events", split, `${to}.npy`));
  cpSync(join(root, "labels", split, `${from}.png`), join(root, "labels", split, `${to}.png`));
}

/** Labels of every class in no pattern. */
function labels([height, width]: readonly [number, number], seed: number, classes: number): Uint8Array {
  const data = Uint8Array.from({ length: height * width }, (_, i) => integer(seed, i, classes));
  return encodeMaskPng({ height, width, data });
}

/** Of a small sensor; one event of each sequence has no known polarity. */
async function writeDsec(root: string, seed: number): Promise<void> {
  const [width, height] = [64, 48];
  for (const [n, split] of ["train", "test"].entries()) {
    const sequence = join(root, split, "a");
    mkdirSync(join(sequence, "events/left"), { recursive: true });
    const events = randomEvents(8000, { width, height, seed: 10 * seed + n });
    const polarities = Int8Array.from(events.polarity);
    polarities[1000] = 7;
    await writeDsecFile(join(sequence, "events/left/events.h5"), events, { polarities });
    await writeRectifyMap(join(sequence, "events/left/rectify_map.h5"), [height, width]);
    const momentsUs = [50_000, 50_120];
    put(join(sequence, "a_semantic_timestamps.txt"), momentsUs.map((us) => `${us}\n`).join(""));
    for (const [folder, classes] of [
      ["11classes", 11],
      ["12classes", 11],
      ["19classes", 19],
    ] as const) {
      for (const i of momentsUs.keys()) {
        put(join(sequence, folder, `00000${i}.png`), labels([44, width], i, classes));
      }
    }
  }
}

/** A map that leaves every pixel where it is. */
async function writeRectifyMap(path: string, [height, width]: readonly [number, number]): Promise<void> {
  const { File, ready } = await import("h5wasm/node");
  await ready;
  const file = new File(path, "w");
  const data = Float32Array.from({ length: height * width * 2 }, (_, k) => {
    return k % 2 === 0 ? (k >> 1) % width : Math.floor((k >> 1) / width);
  });
  file.create_dataset({ name: "rectify_map", data, shape: [height, width, 2], chunks: [height, width, 2] });
  file.close();
}

/** Text that states neither sensor nor unit, with one line that is no event. */
function writeRecordings(root: string, seed: number): void {
  const [width, height] = [40, 30];
  for (const [n, split] of ["train", "test"].entries()) {
    const events = randomEvents(4000, { width, height, seed: 10 * seed + n });
    const lines = textLines(events).split("\n");
    lines[1000] = "no event";
    put(join(root, split, "a.txt"), lines.join("\n"));
    for (const us of [30_000, 40_000])
      put(join(root, split, "a", `${us}.png`), labels([height, width], us, 2));
  }
  put(join(root, "dataset.json"), JSON.stringify({ classes: ["road", "other"] }));
}

/** MNIST's files with one picture of each digit: a bar as long as the digit. */
export function writeTinyMnist(folder: string): string {
  const header = (...words: number[]) => {
    const bytes = Buffer.alloc(4 * words.length);
    for (const [i, word] of words.entries()) bytes.writeUInt32BE(word, 4 * i);
    return bytes;
  };
  const ink = Buffer.alloc(10 * 784);
  for (let digit = 0; digit < 10; digit++) ink.fill(255, digit * 784, digit * 784 + 28 * (2 * digit + 2));
  for (const split of ["train", "t10k"]) {
    put(join(folder, `${split}-images-idx3-ubyte`), Buffer.concat([header(2051, 10, 28, 28), ink]));
    put(
      join(folder, `${split}-labels-idx1-ubyte`),
      Buffer.concat([header(2049, 10), Buffer.from([...Array(10).keys()])]),
    );
  }
  return folder;
}

/** CIFAR-10's files with two pictures of noise each. */
export function writeTinyCifar10(folder: string): string {
  for (const [n, name] of ["data_batch_1.bin", "test_batch.bin"].entries()) {
    const bytes = Uint8Array.from({ length: 2 * 3073 }, (_, i) => (i % 3073 === 0 ? 1 : integer(n, i, 256)));
    put(join(folder, name), bytes);
  }
  return folder;
}
