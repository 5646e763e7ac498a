/**
 * Segmentation scores from a confusion matrix n, where n[i][j] counts pixels of true class i predicted as j,
 * t[i] = Σ_j n[i][j], p[j] = Σ_i n[i][j]. A share with denominator 0 is `null` and left out of means.
 *
 * @see Long, Shelhamer & Darrell 2015, section 5 (pixel accuracy, mean accuracy, mean IU, frequency weighted IU)
 */
import type { ConfusionMatrix } from "./confusion-matrix.js";

/** All scores of one evaluation, shares in [0, 1]. */
export type Scores = {
  /** Σ n[i][i] / Σ t[i] */
  readonly pixelAccuracy: number;
  /** mean over classes that occur in the truth of n[i][i] / t[i] */
  readonly meanAccuracy: number;
  /** Σ t[i]·IoU[i] / Σ t[i] */
  readonly frequencyWeightedIoU: number;
  /** mean of IoU over classes that occur in truth or prediction */
  readonly meanIoU: number;
  /** n[i][i] / (t[i] + p[i] − n[i][i]); `null` where the class is neither true nor predicted */
  readonly perClassIoU: readonly (number | null)[];
};

/**
 * All scores of a matrix; an empty matrix scores 0 everywhere.
 *
 * @param matrix - counts over everything that is scored together; not changed
 * @example
 * import { ConfusionMatrix, scoresOf } from "snnseg";
 *
 * const matrix = new ConfusionMatrix(3, Float64Array.of(8, 2, 0, 1, 9, 0, 0, 0, 0));
 * const { pixelAccuracy, meanIoU, perClassIoU } = scoresOf(matrix);
 * console.log(pixelAccuracy, meanIoU, perClassIoU); // 0.85, 0.738…, [0.727…, 0.75, null]
 */
export function scoresOf(matrix: ConfusionMatrix): Scores {
  const truth = matrix.truePixels();
  const predicted = matrix.predictedPixels();
  const hits = Array.from(truth, (_, k) => matrix.counts[k * matrix.numClasses + k]!);
  const perClassIoU = hits.map((hit, k) => share(hit, truth[k]! + predicted[k]! - hit));
  const pixels = sum(truth);
  return {
    pixelAccuracy: share(sum(hits), pixels) ?? 0,
    meanAccuracy: meanOfDefined(hits.map((hit, k) => share(hit, truth[k]!))),
    frequencyWeightedIoU: share(sum(perClassIoU.map((iou, k) => (iou ?? 0) * truth[k]!)), pixels) ?? 0,
    meanIoU: meanOfDefined(perClassIoU),
    perClassIoU,
  };
}

function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

function meanOfDefined(values: readonly (number | null)[]): number {
  const defined = values.filter((value) => value !== null);
  return share(sum(defined), defined.length) ?? 0;
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
