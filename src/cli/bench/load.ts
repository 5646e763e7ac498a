/**
 * `snnseg bench load`: images a second that are read and prepared, by a plain loop and by the loader, and the share of
 * time that training waits for them.
 */
import {
  type Epochs,
  generatePictures,
  type LoaderVariant,
  loaderSpeed,
  loopSpeed,
  machine,
  waitingShares,
} from "../../benchmarks/index.js";
import { type Config, type Layer, resolveConfig } from "../../config/index.js";
import { datasetSpecOf, splitsOf } from "../../training/index.js";
import { formatPercent, formatTable } from "../lines/format.js";
import type { Terminal } from "../terminal/terminal.js";

export type LoadOptions = {
  readonly workers: readonly number[];
  readonly batchSize: readonly number[];
  /** Length of the training step that waits for batches. */
  readonly stepMs: number;
  /** Images of a pass. */
  readonly images: number;
  readonly rounds: number;
};

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
    loop = Math.max(loop, await loopSpeed(spec, { split, images }));
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
  loaders: readonly (LoaderVariant & { readonly imagesPerSecond: Epochs; readonly waitingShare: Epochs })[],
): string {
  const rows = loaders.map(({ workers, batchSize, imagesPerSecond, waitingShare }) => [
    ...["loader", String(workers), String(batchSize)],
    ...[imagesPerSecond.first.toFixed(0), imagesPerSecond.cached.toFixed(0)],
    ...[formatPercent(waitingShare.first), formatPercent(waitingShare.cached)],
  ]);
  const head = ["", "workers", "batch", "images/s", "from the cache", "waiting", "from the cache"];
  return formatTable([head, ["plain loop", "", "", loop.toFixed(0), "", "", ""], ...rows]);
}
