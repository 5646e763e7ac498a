import { describe, expect, it } from "vitest";
import { DataFormatError, ShapeError } from "../errors.js";
import { ConfusionMatrix } from "./confusion-matrix.js";

describe("ConfusionMatrix", () => {
  it("counts rows by truth and columns by prediction, and leaves void pixels out", () => {
    const matrix = new ConfusionMatrix(3);
    matrix.add(Uint8Array.of(0, 0, 1, 2, 255), Uint8Array.of(0, 2, 1, 1, 2));
    expect([...matrix.counts]).toEqual([1, 0, 1, 0, 1, 0, 0, 1, 0]);
    expect([...matrix.truePixels()]).toEqual([2, 1, 1]);
    expect([...matrix.predictedPixels()]).toEqual([1, 2, 1]);
  });

  it("does not depend on how pixels are cut into batches", () => {
    const truth = Uint8Array.from({ length: 60 }, (_, i) => (i % 7 === 0 ? 255 : (i * 5) % 4));
    const prediction = Uint8Array.from({ length: 60 }, (_, i) => (i * 3) % 4);
    const whole = new ConfusionMatrix(4);
    whole.add(truth, prediction);
    const parts = new ConfusionMatrix(4);
    for (const [from, to] of [
      [0, 13],
      [13, 60],
    ] as const) {
      const part = new ConfusionMatrix(4);
      part.add(truth.subarray(from, to), prediction.subarray(from, to));
      parts.merge(part);
    }
    expect(parts.counts).toEqual(whole.counts);
  });

  it("refuses ids that are no class and counts nothing then", () => {
    const matrix = new ConfusionMatrix(2);
    expect(() => matrix.add(Uint8Array.of(0, 2), Uint8Array.of(0, 0))).toThrow(DataFormatError);
    expect(() => matrix.add(Uint8Array.of(0, 1), Uint8Array.of(0, 3))).toThrow(DataFormatError);
    expect(matrix.counts.every((count) => count === 0)).toBe(true);
  });

  it("refuses arrays of different length and matrices of different classes", () => {
    expect(() => new ConfusionMatrix(2).add(Uint8Array.of(0), Uint8Array.of(0, 1))).toThrow(ShapeError);
    expect(() => new ConfusionMatrix(2).merge(new ConfusionMatrix(3))).toThrow(ShapeError);
    expect(() => new ConfusionMatrix(2, new Float64Array(3))).toThrow(ShapeError);
  });
});
