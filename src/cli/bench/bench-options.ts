/** The options that benchmarks share. */
import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { FusedPrecision } from "../../inference/index.js";
import { type ArchitectureName, architectureNames } from "../../models/index.js";
import { positiveInteger } from "../positive-integer.js";

export type BenchOptions = {
  readonly arch: ArchitectureName;
  readonly threads: number;
  readonly batchSize: number;
  readonly timesteps: number;
  readonly imgSize: readonly [number, number];
  readonly rounds: number;
  readonly precision: FusedPrecision;
  /** Forced shares of spikes; none means the benchmark's own. */
  readonly density: readonly number[];
};

export function addBenchOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--arch <NAME>", "network")
        .choices(architectureNames)
        .default(architectureNames[0] as string),
    )
    .option(
      "--density <D,D...>",
      "spikes per neuron and timestep, such as 0.1 or 10%, forced on every hidden layer",
      parseDensities,
      [],
    )
    .option("--threads <N>", "threads", positiveInteger, availableParallelism())
    .option("--batch-size <N>", "images at a time", positiveInteger, 4)
    .option("--timesteps <N>", "timesteps", positiveInteger, 20)
    .option("--img-size <HxW>", "size of the images", parseSize, [64, 64])
    .option("--rounds <N>", "rounds of which the medians are taken, after one warm-up", positiveInteger, 3)
    .addOption(
      new Option("--precision <NAME>", "weights of the fused kernels: fp32, 10 to 16 bits, or 8 bits")
        .choices(["exact", "fast", "int8"])
        .default("fast"),
    );
}

function parseDensities(word: string): number[] {
  return word.split(",").map((part) => {
    const share = part.endsWith("%") ? Number(part.slice(0, -1)) / 100 : Number(part);
    if (share > 0 && share < 1) return share;
    throw new InvalidArgumentError("Expected shares between 0 and 1, such as 0.1 or 10%.");
  });
}

function parseSize(word: string): [number, number] {
  const [, height, width = height] = /^(\d+)(?:x(\d+))?$/.exec(word) ?? [];
  if (height === undefined || Number(height) < 1 || Number(width) < 1) {
    throw new InvalidArgumentError("Expected a size such as 64 or 48x64.");
  }
  return [Number(height), Number(width)];
}
