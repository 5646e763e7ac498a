import { describe, expect, it } from "vitest";
import { channelScales } from "../datasets/index.js";
import { inputGrid, wholeWeights } from "./fixed-point.js";

describe("inputGrid", () => {
  it.each([
    ["imagenet", 2 ** -8, 676],
    ["paper", 2 ** -10, 607],
    ["unit", 2 ** -10, 1024],
  ] as const)("holds all that pictures become: %s", (preprocessing, step, most) => {
    expect(inputGrid(channelScales(preprocessing), "direct")).toEqual({ step, most });
  });

  it("holds frames of events and Poisson spikes", () => {
    expect(inputGrid(undefined, "sequence")).toEqual({ step: 2 ** -11, most: 1024 });
    expect(inputGrid(channelScales("imagenet"), "poisson")).toEqual({ step: 2 ** -10, most: 1024 });
  });
});

describe("wholeWeights", () => {
  const shape = [3, 6, 7, 7];
  const weight = Float32Array.from({ length: 3 * 294 }, (_, i) =>
    i < 294 ? Math.sin(i * i) : i < 588 ? 0 : 1e-6 * i,
  );
  const grid = { step: 2 ** -8, most: 1024 };
  const { whole, steps } = wholeWeights({ weight, shape }, grid);

  it("rounds to the nearest", () => {
    for (const [i, w] of weight.entries()) {
      const step = steps[Math.floor(i / 294)]!;
      expect(Math.abs(w - whole[i]! * step)).toBeLessThanOrEqual(0.5 * step * (1 + 1e-6));
    }
    expect(Math.max(...whole.map(Math.abs))).toBeGreaterThan(60);
  });

  it("leaves sums of products that float32 holds, and uses nearly all of it", () => {
    const sums = [0, 1, 2].map((o) =>
      whole.subarray(294 * o, 294 * (o + 1)).reduce((sum, q) => sum + Math.abs(q) * grid.most, 0),
    );
    for (const sum of sums) expect(sum).toBeLessThanOrEqual(2 ** 24);
    expect(sums[0]).toBeGreaterThan(0.97 * 2 ** 24);
    expect(sums[1]).toBe(0);
  });
});
