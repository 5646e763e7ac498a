/** IoU counts of single images: enough to score any selection of images, which resampling needs. */
import { DataFormatError } from "../errors.js";
import type { LabelArray } from "./confusion-matrix.js";
import { voidLabel } from "./void-label.js";

/** Pixels of one image (or of several, added up), one element a class. */
export interface ImageCounts {
  /** Of class k and predicted as k. */
  readonly hits: Float64Array;
  /** Of class k. */
  readonly truth: Float64Array;
  /** Predicted as k, where the truth is a class. */
  readonly predicted: Float64Array;
}

/**
 * Counts one image.
 *
 * @param truth - class ids in [0, K) or 255, one a pixel
 * @param prediction - class ids in [0, K), as many as `truth`
 * @param numClasses - number of classes K
 * @throws DataFormatError if an id is not a class
 */
export function countImage(truth: LabelArray, prediction: LabelArray, numClasses: number): ImageCounts {
  const counts = emptyCounts(numClasses);
  for (let i = 0; i < truth.length; i++) {
    const label = truth[i]!;
    if (label === voidLabel) continue;
    const guess = prediction[i]!;
    if (label >= numClasses || guess >= numClasses) {
      throw new DataFormatError(
        `image counts: expected class ids below ${numClasses}, received true ${label} and predicted ${guess}; ` +
          "check the data set's class list",
      );
    }
    counts.truth[label]! += 1;
    counts.predicted[guess]! += 1;
    if (label === guess) counts.hits[label]! += 1;
  }
  return counts;
}

/**
 * The counts of several images together.
 *
 * @param images - not changed; may be empty
 * @param numClasses - K of every image
 */
export function sumCounts(images: readonly ImageCounts[], numClasses: number): ImageCounts {
  const total = emptyCounts(numClasses);
  for (const image of images) addCounts(total, image);
  return total;
}

/**
 * IoU per class; `null` where a class is neither true nor predicted.
 *
 * @param counts - of one image, or of several added up
 */
export function classIoU({ hits, truth, predicted }: ImageCounts): (number | null)[] {
  return Array.from(hits, (hit, k) => {
    const union = truth[k]! + predicted[k]! - hit;
    return union > 0 ? hit / union : null;
  });
}

/**
 * Mean of IoU over classes that are true or predicted; 0 where there are none.
 *
 * @param counts - of one image, or of several added up
 */
export function meanIoUOf(counts: ImageCounts): number {
  let sum = 0;
  let classes = 0;
  for (let k = 0; k < counts.hits.length; k++) {
    const union = counts.truth[k]! + counts.predicted[k]! - counts.hits[k]!;
    if (union <= 0) continue;
    sum += counts.hits[k]! / union;
    classes += 1;
  }
  return classes > 0 ? sum / classes : 0;
}

/**
 * Zeros for K classes, for {@link addCounts} to add to.
 *
 * @param numClasses - number of classes K
 */
export function emptyCounts(numClasses: number): ImageCounts {
  return {
    hits: new Float64Array(numClasses),
    truth: new Float64Array(numClasses),
    predicted: new Float64Array(numClasses),
  };
}

/**
 * Adds `image` to `total`.
 *
 * @param total - changed in place
 * @param image - of as many classes; not changed
 */
export function addCounts(total: ImageCounts, image: ImageCounts): void {
  for (let k = 0; k < total.hits.length; k++) {
    total.hits[k]! += image.hits[k]!;
    total.truth[k]! += image.truth[k]!;
    total.predicted[k]! += image.predicted[k]!;
  }
}
