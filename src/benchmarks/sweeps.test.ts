/** What growth is measured at, and what is left out. */
import { describe, expect, it } from "vitest";
import { MemoryLimit } from "./memory-limit.js";
import { sweepPoints } from "./sweeps.js";

const base = { timesteps: 20, batchSize: 4, imgSize: [64, 64], threads: 3, sweep: [] } as const;

describe("sweepPoints", () => {
  it("changes one size at a time, from small to large", () => {
    const sweep = [
      { name: "timesteps", values: [2] },
      { name: "img-size", values: [32, 16] },
    ] as const;
    const common = { batchSize: 4, threads: 3 };
    expect(sweepPoints({ ...base, sweep }).map(({ size }) => size)).toEqual([
      { ...common, timesteps: 2, imgSize: [64, 64] },
      { ...common, timesteps: 20, imgSize: [16, 16] },
      { ...common, timesteps: 20, imgSize: [32, 32] },
    ]);
  });

  it("has usual sweeps, of threads up to those that were asked for", () => {
    const points = sweepPoints(base);
    const valuesOf = (name: string) => points.filter(({ sweep }) => sweep === name).map(({ value }) => value);
    expect(valuesOf("timesteps")).toEqual([1, 2, 4, 8, 16, 32, 64, 128]);
    expect(valuesOf("threads")).toEqual([1, 2, 3]);
  });
});

describe("MemoryLimit", () => {
  it("foretells from the largest size measured", () => {
    const limit = new MemoryLimit(1000);
    expect(limit.allows(1e9)).toBe(true);
    limit.learn(10, 400);
    limit.learn(20, 600);
    limit.learn(5, 390);
    expect(limit.allows(33)).toBe(true);
    expect(limit.allows(34)).toBe(false);
  });
});
