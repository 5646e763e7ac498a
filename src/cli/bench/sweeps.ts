/** The sizes at which `snnseg bench scale` measures: one thing varies, the rest is as the options say. */
import { InvalidArgumentError } from "commander";
import type { BenchOptions } from "./bench-options.js";

export const sweepNames = ["timesteps", "batch-size", "img-size", "threads"] as const;
export type SweepName = (typeof sweepNames)[number];
export type Sweep = { readonly name: SweepName; readonly values: readonly number[] };

type Size = Pick<BenchOptions, "timesteps" | "batchSize" | "imgSize" | "threads">;

export type Point = { readonly sweep: SweepName; readonly value: number; readonly size: Size };

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

/** The points of all sweeps, each from small to large. */
export function sweepPoints({ sweep, ...base }: Size & { readonly sweep: readonly Sweep[] }): Point[] {
  const sweeps = sweep.length > 0 ? sweep : usualSweeps(base.threads);
  return sweeps.flatMap(({ name, values }) =>
    [...values]
      .sort((a, b) => a - b)
      .map((value) => ({ sweep: name, value, size: resized(base, name, value) })),
  );
}

function usualSweeps(threads: number): Sweep[] {
  return [
    { name: "timesteps", values: doublings(1, 128) },
    { name: "batch-size", values: doublings(1, 16) },
    { name: "img-size", values: doublings(64, 512) },
    { name: "threads", values: [...new Set([...doublings(1, threads), threads])] },
  ];
}

function doublings(first: number, last: number): number[] {
  const values: number[] = [];
  for (let value = first; value <= last; value *= 2) values.push(value);
  return values;
}

function resized({ timesteps, batchSize, imgSize, threads }: Size, name: SweepName, value: number): Size {
  const base = { timesteps, batchSize, imgSize, threads };
  switch (name) {
    case "timesteps":
      return { ...base, timesteps: value };
    case "batch-size":
      return { ...base, batchSize: value };
    case "img-size":
      return { ...base, imgSize: [value, value] };
    case "threads":
      return { ...base, threads: value };
  }
}
