/** Pixels per class of label maps. */
import { DataFormatError } from "../errors.js";
import type { LabelArray } from "./confusion-matrix.js";
import { voidLabel } from "./void-label.js";

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
