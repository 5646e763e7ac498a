import { describe, expect, it } from "vitest";
import { fitToTime } from "./index.js";

const demo = { seconds: 120, epochs: 4, batches: 125, evaluationBatches: 25, least: 40 };

describe("fitToTime", () => {
  it("takes every batch where there is time", () => {
    expect(fitToTime(0.1, demo).batches).toBe(125);
    expect(fitToTime(0.1, demo).seconds).toBeCloseTo(4 * (12.5 + 0.75));
  });

  it("takes as many as fit, evaluations included", () => {
    const { batches, seconds } = fitToTime(0.4, demo);
    expect(batches).toBe(67);
    expect(seconds).toBeLessThanOrEqual(demo.seconds);
    expect(seconds).toBeGreaterThan(demo.seconds - 4 * 0.4);
  });

  it("never takes fewer than what is needed to learn something, and says what that costs", () => {
    expect(fitToTime(5, demo)).toEqual({ batches: 40, seconds: 4 * (200 + 37.5) });
  });
});
