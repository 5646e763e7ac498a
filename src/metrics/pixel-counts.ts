/** How many pixels of one example each class gets, by the prediction and by the truth. */
import { ShapeError } from "../errors.js";
import type { LabelArray } from "./confusion-matrix.js";
import { voidLabel } from "./void-label.js";

/** Pixels of one example, one element a class. */
export type PixelCounts = {
  /** Predicted as class k, where the truth is a class. */
  readonly predicted: readonly number[];
  /** Of class k. */
  readonly truth: readonly number[];
};

/**
 * Counts an example's pixels per class; pixels whose true label is void count in neither.
 *
 * @param truth - class ids in [0, K) or 255
 * @param prediction - class ids in [0, K), as many as `truth`
 * @param numClasses - number of classes K
 * @throws ShapeError if the lengths differ
 */
export function pixelCounts(truth: LabelArray, prediction: LabelArray, numClasses: number): PixelCounts {
  if (truth.length !== prediction.length) {
    throw new ShapeError(
      `pixel counts: expected as many predictions as labels (${truth.length}), received ${prediction.length}; ` +
        "resize the prediction to the label's size",
    );
  }
  const counts = { predicted: Array<number>(numClasses).fill(0), truth: Array<number>(numClasses).fill(0) };
  for (let i = 0; i < truth.length; i++) {
    if (truth[i] === voidLabel) continue;
    counts.truth[truth[i]!]! += 1;
    counts.predicted[prediction[i]!]! += 1;
  }
  return counts;
}
