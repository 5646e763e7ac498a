/** Where sparsity stops paying. */
import { describe, expect, it } from "vitest";
import { crossoverDensity } from "./crossover.js";

const times = (density: number, ours: number) => ({ density, twin: 10, ours });

describe("crossoverDensity", () => {
  it("lies where the ratio crosses 1", () => {
    // Ratios 2, 1.25, 0.5: a third of the way from 20 % to 50 %.
    const points = [times(0.1, 5), times(0.2, 8), times(0.5, 20)];
    expect(crossoverDensity(points)).toBeCloseTo(0.3, 12);
  });

  it("says when it was not reached, or lies below all", () => {
    expect(crossoverDensity([times(0.1, 5), times(0.9, 9)])).toBeUndefined();
    expect(crossoverDensity([times(0.1, 11), times(0.9, 20)])).toBe(0);
  });
});
