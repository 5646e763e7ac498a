/**
 * `snnseg bench load`: images a second that are read and prepared, by a plain loop and by the loader, and the share of
 * time that training waits for them.
 */
import { type Config, type Layer, resolveConfig } from "../../config/index.js";
import { createLoader, type DatasetSpec, type Loader, openDataset } from "../../datasets/index.js";
import { datasetSpecOf, splitsOf } from "../../training/index.js";
import { formatTable } from "../lines/format.js";
import type { Terminal } from "../terminal/terminal.js";
import { machine, percent } from "./comparison.js";
import { generatePictures } from "./generated-pictures.js";

export type LoadOptions = {
  readonly workers: readonly number[];
  readonly batchSize: readonly number[];
  /** Length of the training step that waits for batches. */
  readonly stepMs: number;
  /** Images of a pass. */
  readonly images: number;
  readonly rounds: number;
};

type Variant = { readonly workers: number; readonly batchSize: number };
/** Of a first epoch, which reads files, and of a later one, which finds all in the cache. */
type Epochs = { readonly first: number; readonly cached: number };

/** @param given - options of a data set; pictures are generated where they name none */
export async function benchLoad(given: Layer, options: LoadOptions, terminal: Terminal): Promise<void> {
  const { dataset, root } = given.values;
  if (dataset !== undefined || root !== undefined) {
    return await measureAll(resolveConfig([given]).config, { options, terminal, name: undefined });
  }
  using pictures = await generatePictures(options.images);
  const layer = { ...given, values: { ...given.values, root: pictures.root } };
  await measureAll(resolveConfig([layer]).config, { options, terminal, name: "generated pictures" });
}

async function measureAll(
  config: Config,
  {
    options,
    terminal,
    name,
  }: { readonly options: LoadOptions; readonly terminal: Terminal; readonly name: string | undefined },
): Promise<void> {
  const { images, stepMs, rounds } = options;
  const spec = datasetSpecOf(config);
  const split = splitsOf(config).train;
  const variants = options.workers.flatMap((workers) =>
    options.batchSize.map((batchSize) => ({ workers, batchSize })),
  );
  const total = rounds * (1 + variants.length) + variants.length;
  const stage = terminal.stage({ label: "bench load", total, unit: "passes" });
  const step = () => {
    stage.step(1, "");
  };
  let loop = 0;
  const speeds = variants.map(() => ({ first: 0, cached: 0 }));
  // In turn, and the best of the rounds: whatever else the machine does hurts all alike.
  for (let round = 0; round < rounds; round++) {
    loop = Math.max(loop, await plainLoop(spec, { split, images }));
    step();
    for (const [i, variant] of variants.entries()) {
      const speed = await loaderSpeed(spec, { split, images, ...variant });
      const best = speeds[i]!;
      best.first = Math.max(best.first, speed.first);
      best.cached = Math.max(best.cached, speed.cached);
      step();
    }
  }
  const waiting: Epochs[] = [];
  for (const variant of variants) {
    waiting.push(await waitingShares(spec, { split, images, stepMs, ...variant }));
    step();
  }
  stage.end();
  const loaders = variants.map((variant, i) => ({
    ...variant,
    imagesPerSecond: speeds[i]!,
    waitingShare: waiting[i]!,
  }));
  terminal.print(
    `${name ?? spec.name}, split ${split} at ${config.imgSize.join("x")}, ${images} images a pass, best of ${rounds}; ` +
      `waiting of a step of ${stepMs} ms`,
  );
  terminal.print(lines(loop, loaders));
  terminal.result({
    ...{
      benchmark: "load",
      dataset: name ?? spec.name,
      split,
      imgSize: config.imgSize,
      images,
      stepMs,
      rounds,
    },
    ratio: Math.max(...loaders.map(({ imagesPerSecond }) => imagesPerSecond.first)) / loop,
    ...{ plainLoop: { imagesPerSecond: loop }, loaders, ...machine() },
  });
}

function lines(
  loop: number,
  loaders: readonly (Variant & { readonly imagesPerSecond: Epochs; readonly waitingShare: Epochs })[],
): string {
  const rows = loaders.map(({ workers, batchSize, imagesPerSecond, waitingShare }) => [
    ...["loader", String(workers), String(batchSize)],
    ...[imagesPerSecond.first.toFixed(0), imagesPerSecond.cached.toFixed(0)],
    ...[percent(waitingShare.first), percent(waitingShare.cached)],
  ]);
  const head = ["", "workers", "batch", "images/s", "from the cache", "waiting", "from the cache"];
  return formatTable([head, ["plain loop", "", "", loop.toFixed(0), "", "", ""], ...rows]);
}

type Pass = { readonly split: string; readonly images: number };

async function plainLoop(spec: DatasetSpec, { split, images }: Pass): Promise<number> {
  const dataset = await openDataset(spec, split);
  const count = Math.min(images, dataset.length);
  const start = performance.now();
  for (let i = 0; i < count; i++) await dataset.read(i, { seed: 0, epoch: 0 });
  return (1000 * count) / (performance.now() - start);
}

async function loaderSpeed(
  spec: DatasetSpec,
  { split, images, batchSize, workers }: Pass & Variant,
): Promise<Epochs> {
  await using loader = await createLoader(spec, { split, batchSize, workers });
  // Threads start before the clock does.
  for await (const _ of loader.batches(0, { start: loader.batchCount - 1 })) break;
  const speed = async (epoch: number) => {
    const start = performance.now();
    const count = await readImages(loader, { epoch, images, each: () => undefined });
    return (1000 * count) / (performance.now() - start);
  };
  return { first: await speed(0), cached: await speed(1) };
}

/** A step blocks this thread, as training does. */
async function waitingShares(
  spec: DatasetSpec,
  { split, images, batchSize, workers, stepMs }: Pass & Variant & { readonly stepMs: number },
): Promise<Epochs> {
  await using loader = await createLoader(spec, { split, batchSize, workers });
  const never = new Int32Array(new SharedArrayBuffer(4));
  const share = async (epoch: number) => {
    await readImages(loader, { epoch, images, each: () => Atomics.wait(never, 0, 0, stepMs) });
    return loader.waitingShare();
  };
  return { first: await share(0), cached: await share(1) };
}

/** At least so many images, where there are; how many it were. */
async function readImages(
  loader: Loader,
  { epoch, images, each }: { readonly epoch: number; readonly images: number; readonly each: () => unknown },
): Promise<number> {
  let count = 0;
  for await (const { ids } of loader.batches(epoch)) {
    each();
    count += ids.length;
    if (count >= images) break;
  }
  return count;
}
