/** Pixels per class of a data split, and the scores of the predictor that knows nothing else. */
import { DataFormatError } from "../errors.js";
import { ConfusionMatrix, type LabelArray, voidLabel } from "./confusion-matrix.js";
import { type Scores, scoresOf } from "./scores.js";

/**
 * Adds a label map's pixels to `counts`, one element a class; void pixels are left out.
 *
 * @param labels - class ids in [0, K) or 255
 * @param counts - K elements, changed in place; pixels before a wrong label are counted when this throws
 * @throws DataFormatError if a label is not a class
 */
export function countClassPixels(labels: LabelArray, counts: Float64Array): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label === voidLabel) continue;
    if (label < 0 || label >= counts.length) {
      throw new DataFormatError(
        `class pixels: expected labels below ${counts.length}, received ${label} at pixel ${i}; ` +
          "check the data set's class list",
      );
    }
    counts[label]! += 1;
  }
}

/**
 * The commonest class; the lowest id among equals.
 *
 * @param counts - pixels (or anything else) by class id
 */
export function commonestClass(counts: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < counts.length; k++) if (counts[k]! > counts[best]!) best = k;
  return best;
}

/**
 * Scores of always predicting one class on a split with the given pixels per class: what a network has to beat.
 *
 * With shares q[k] of the pixels and always class c: IoU[c] = q[c], every other class that occurs has IoU 0.
 *
 * @param truePixels - pixels of the split by true class
 * @param predictedClass - id of the class c
 */
export function constantPredictionScores(truePixels: ArrayLike<number>, predictedClass: number): Scores {
  const matrix = new ConfusionMatrix(truePixels.length);
  for (let k = 0; k < truePixels.length; k++) {
    matrix.counts[k * truePixels.length + predictedClass] = truePixels[k]!;
  }
  return scoresOf(matrix);
}
