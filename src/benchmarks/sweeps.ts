/** The sizes at which growth is measured: one thing varies, the rest stays. */
import type { WorkloadOptions } from "./workload.js";

export const sweepNames = ["timesteps", "batch-size", "img-size", "threads"] as const;
export type SweepName = (typeof sweepNames)[number];
export type Sweep = { readonly name: SweepName; readonly values: readonly number[] };

type Size = Pick<WorkloadOptions, "timesteps" | "batchSize" | "imgSize" | "threads">;

export type SweepPoint = { readonly sweep: SweepName; readonly value: number; readonly size: Size };

/** The points of all sweeps, each from small to large. */
export function sweepPoints({ sweep, ...base }: Size & { readonly sweep: readonly Sweep[] }): SweepPoint[] {
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
