/** The options that benchmarks share. */
import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type Sweep, sweepNames, type WorkloadOptions } from "../../benchmarks/index.js";
import { type Config, optionOf } from "../../config/index.js";
import type { ComputePrecision } from "../../inference/index.js";
import { architectureNames } from "../../models/index.js";
import { positiveInteger } from "../flags/positive-integer.js";

export type BenchOptions = Omit<WorkloadOptions, "model" | "precision"> & {
  readonly rounds: number;
  /** Forced shares of spikes; none means the benchmark's own. */
  readonly density: readonly number[];
};

export type SummaryOptions = BenchOptions;
export type InferOptions = BenchOptions & {
  readonly device: string;
  readonly precision: ComputePrecision;
  readonly explain?: true;
};
export type StepOptions = BenchOptions & {
  readonly device: string;
  readonly model: Config["model"];
  readonly precision: Config["precision"];
};

export function addBenchOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--arch <NAME>", "network")
        .choices(architectureNames)
        .default(architectureNames[0] as string)
        .conflicts("run"),
    )
    .option(
      "--density <D,D...>",
      "spikes per neuron and timestep, such as 0.1 or 10%, forced on every hidden layer",
      parseDensities,
      [],
    )
    .option("--threads <N>", "threads", positiveInteger, availableParallelism())
    .option("--batch-size <N>", "images at a time", positiveInteger, 4)
    .addOption(
      new Option("--timesteps <N>", "timesteps").argParser(positiveInteger).default(20).conflicts("run"),
    )
    .addOption(
      new Option("--img-size <HxW>", "size of the images")
        .argParser(parseSize)
        .default([64, 64], "64x64")
        .conflicts("run"),
    )
    .option("--rounds <N>", "rounds of which the medians are taken, after one warm-up", positiveInteger, 3);
}

export function runOption(): Option {
  return new Option("--run <RUN>", "a trained run: its network on a batch of the data it was scored on");
}

export function deviceOption(): Option {
  const { help } = optionOf("device");
  return new Option("--device <NAME>", help).default("cpu");
}

export function modelOption(): Option {
  const { choices } = optionOf("model");
  return new Option("--model <NAME>", "spiking network or its ANN twin")
    .choices(choices ?? [])
    .default("snn")
    .conflicts("run");
}

export function parseDensities(word: string): number[] {
  return word.split(",").map((part) => {
    const share = part.endsWith("%") ? Number(part.slice(0, -1)) / 100 : Number(part);
    if (share > 0 && share < 1) return share;
    throw new InvalidArgumentError("Expected shares between 0 and 1, such as 0.1 or 10%.");
  });
}

export function parseSize(word: string): [number, number] {
  const [, height, width = height] = /^(\d+)(?:x(\d+))?$/.exec(word) ?? [];
  if (height === undefined || Number(height) < 1 || Number(width) < 1) {
    throw new InvalidArgumentError("Expected a size such as 64 or 48x64.");
  }
  return [Number(height), Number(width)];
}

/** A parser of lists such as `1,2,4`. */
export function countList(least: number): (word: string) => number[] {
  return (word) => {
    const counts = word.split(",").map(Number);
    if (counts.every((count) => Number.isInteger(count) && count >= least)) return counts;
    throw new InvalidArgumentError(`Expected whole numbers of at least ${least}, such as 1,2,4.`);
  };
}

/** Parses `timesteps=1,2,4` behind the sweeps given before. */
export function parseSweep(word: string, before: readonly Sweep[]): Sweep[] {
  const [name, list = ""] = word.split("=");
  const values = list.split(",").map(Number);
  const sweep = sweepNames.find((each) => each === name);
  if (sweep === undefined || values.some((value) => !Number.isInteger(value) || value < 1)) {
    throw new InvalidArgumentError(
      `Expected one of ${sweepNames.join(", ")} with values, as in timesteps=1,2,4.`,
    );
  }
  return [...before, { name: sweep, values }];
}
