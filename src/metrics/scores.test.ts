import { describe, expect, it } from "vitest";
import { ConfusionMatrix } from "./confusion-matrix.js";
import { countClassPixels } from "./count-class-pixels.js";
import { commonestClass, constantPredictionScores } from "./majority-baseline.js";
import { scoresOf } from "./scores.js";

describe("scoresOf", () => {
  it("equals the scores worked out by hand", () => {
    // Class 2 is only predicted (IoU 0, counts in the mean), class 3 occurs nowhere (left out).
    const matrix = new ConfusionMatrix(4, Float64Array.of(3, 1, 0, 0, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    matrix.counts[2] = 2;
    const scores = scoresOf(matrix);
    expect(scores.pixelAccuracy).toBeCloseTo(7 / 12, 12);
    expect(scores.meanAccuracy).toBeCloseTo((3 / 6 + 4 / 6) / 2, 12);
    expect(scores.perClassIoU).toEqual([3 / 8, 4 / 7, 0, null]);
    expect(scores.meanIoU).toBeCloseTo((3 / 8 + 4 / 7 + 0) / 3, 12);
    expect(scores.frequencyWeightedIoU).toBeCloseTo((6 * (3 / 8) + 6 * (4 / 7)) / 12, 12);
  });

  it("scores an empty matrix 0 instead of NaN", () => {
    expect(scoresOf(new ConfusionMatrix(2))).toEqual({
      pixelAccuracy: 0,
      meanAccuracy: 0,
      frequencyWeightedIoU: 0,
      meanIoU: 0,
      perClassIoU: [null, null],
    });
  });
});

describe("the constant predictor", () => {
  it("gets the commonest class's share, averaged over classes that occur", () => {
    const counts = new Float64Array(4);
    countClassPixels(Uint8Array.of(1, 1, 1, 0, 255, 2, 255), counts);
    expect([...counts]).toEqual([1, 3, 1, 0]);
    expect(commonestClass(counts)).toBe(1);
    const scores = constantPredictionScores(counts, 1);
    expect(scores.meanIoU).toBeCloseTo(0.6 / 3, 12);
    expect(scores.pixelAccuracy).toBeCloseTo(0.6, 12);
  });

  it("takes the lowest id among equally common classes and refuses labels that are no class", () => {
    expect(commonestClass([2, 5, 5])).toBe(1);
    expect(() => countClassPixels(Uint8Array.of(4), new Float64Array(4))).toThrow(/below 4, received 4/);
  });
});
