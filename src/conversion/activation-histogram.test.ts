import { describe, expect, it } from "vitest";
import { Draws } from "../random/index.js";
import { ActivationHistogram } from "./activation-histogram.js";

/** A bin's width as a share of the range, which is below twice the maximum. */
const binTolerance = 2 / 2048;

function values(count: number, seed: number): Float32Array {
  const draws = new Draws(seed);
  return Float32Array.from({ length: count }, () => draws.normal());
}

describe("ActivationHistogram", () => {
  it("has the quantiles and shares of the values, however they come", () => {
    const all = values(30_000, 1);
    const histogram = new ActivationHistogram();
    // Ascending maxima make it merge bins several times.
    const growing = Array.from({ length: 6 }, (_, part) =>
      all.subarray(part * 5000, (part + 1) * 5000).map((x) => x * 2 ** (part - 5)),
    );
    for (const part of growing) histogram.add(part);
    const sorted = growing.flatMap((part) => [...part]).sort((a, b) => a - b);
    const max = sorted.at(-1)!;
    expect(histogram.max).toBe(max);
    for (const share of [0.6, 0.9, 0.99, 0.999]) {
      const exact = sorted[Math.floor(share * sorted.length)]!;
      expect(Math.abs(histogram.quantile(share) - exact)).toBeLessThan(binTolerance * max);
      const above = sorted.filter((x) => x > exact).length / sorted.length;
      expect(Math.abs(histogram.shareAbove(exact) - above)).toBeLessThan(0.01);
    }
    const mean = sorted.reduce((sum, x) => sum + Math.max(0, x), 0) / sorted.length;
    expect(histogram.mean).toBeCloseTo(mean, 4);
  });

  it("knows nothing of values that are never above 0", () => {
    const histogram = new ActivationHistogram();
    histogram.add(Float32Array.of(-1, 0, -2));
    expect([histogram.total, histogram.max, histogram.quantile(0.999), histogram.shareAbove(0)]).toEqual([
      3, 0, 0, 0,
    ]);
  });
});
