/**
 * Counts of (true class, predicted class) pairs over pixels: the one thing every segmentation score is made from.
 */
import { DataFormatError, ShapeError } from "../errors.js";
import { voidLabel } from "./void-label.js";

/** Class ids of pixels, one element a pixel. */
export type LabelArray = Uint8Array | Int32Array;

/**
 * A growing K×K table; row = true class, column = predicted class, row-major.
 *
 * Counts are doubles, exact up to 2^53 pixels.
 *
 * @example
 * import { ConfusionMatrix, scoresOf } from "snnseg";
 *
 * const matrix = new ConfusionMatrix(2);
 * matrix.add(Uint8Array.of(0, 0, 1, 255), Uint8Array.of(0, 1, 1, 0)); // void is not counted
 * console.log(matrix.counts, scoresOf(matrix).meanIoU); // [1, 1, 0, 1], 0.5
 */
export class ConfusionMatrix {
  /** K, the number of classes. */
  readonly numClasses: number;
  /** `[K, K]`: element i·K + j counts pixels of true class i that were predicted as j. */
  readonly counts: Float64Array;

  /**
   * @param numClasses - K, the number of classes
   * @param counts - K² counts to go on from, kept and changed in place (default zeros)
   * @throws ShapeError unless there are K² counts
   */
  constructor(numClasses: number, counts = new Float64Array(numClasses * numClasses)) {
    if (counts.length !== numClasses * numClasses) {
      throw new ShapeError(
        `confusion matrix: expected ${numClasses}x${numClasses} counts, received ${counts.length}; pass all rows`,
      );
    }
    this.numClasses = numClasses;
    this.counts = counts;
  }

  /**
   * Counts every pixel whose true label is not `voidLabel`.
   *
   * @param truth - class ids in [0, K) or 255
   * @param prediction - class ids in [0, K), as many as `truth`
   * @throws ShapeError if the lengths differ
   * @throws DataFormatError if an id is not a class; nothing is counted then
   */
  add(truth: LabelArray, prediction: LabelArray): void {
    if (truth.length !== prediction.length) {
      throw new ShapeError(
        `confusion matrix: expected as many predictions as labels (${truth.length}), received ${prediction.length}; ` +
          "resize the prediction to the label's size",
      );
    }
    this.#check(truth, prediction);
    const { counts, numClasses } = this;
    for (let i = 0; i < truth.length; i++) {
      const row = truth[i]!;
      if (row !== voidLabel) counts[row * numClasses + prediction[i]!]! += 1;
    }
  }

  /**
   * Adds the counts of another matrix.
   *
   * @param other - of the same K; not changed
   * @throws ShapeError if the numbers of classes differ
   */
  merge(other: ConfusionMatrix): void {
    if (other.numClasses !== this.numClasses) {
      throw new ShapeError(
        `confusion matrix: expected ${this.numClasses} classes, received ${other.numClasses}; merge matrices of one class list`,
      );
    }
    for (let i = 0; i < this.counts.length; i++) this.counts[i]! += other.counts[i]!;
  }

  /** Pixels per true class. */
  truePixels(): Float64Array {
    const { counts, numClasses } = this;
    return Float64Array.from({ length: numClasses }, (_, row) => {
      let sum = 0;
      for (let column = 0; column < numClasses; column++) sum += counts[row * numClasses + column]!;
      return sum;
    });
  }

  /** Pixels per predicted class. */
  predictedPixels(): Float64Array {
    const { counts, numClasses } = this;
    const sums = new Float64Array(numClasses);
    for (let i = 0; i < counts.length; i++) sums[i % numClasses]! += counts[i]!;
    return sums;
  }

  #check(truth: LabelArray, prediction: LabelArray): void {
    const { numClasses } = this;
    for (let i = 0; i < truth.length; i++) {
      const label = truth[i]!;
      if (label === voidLabel) continue;
      const guess = prediction[i]!;
      if (label < 0 || label >= numClasses || guess < 0 || guess >= numClasses) {
        throw new DataFormatError(
          `confusion matrix: expected class ids below ${numClasses}, received true ${label} and predicted ${guess} ` +
            `at pixel ${i}; check the data set's class list`,
        );
      }
    }
  }
}
