/** The majority-class baseline: the scores that a network has to beat. */
import { ConfusionMatrix } from "./confusion-matrix.js";
import { type Scores, scoresOf } from "./scores.js";

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
 * Scores of always predicting one class on a split with the given pixels per class.
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
