/**
 * Boundary IoU: the IoU of the bands along the edges of true and predicted regions, which large regions' insides do
 * not drown (Cheng et al. 2021, arXiv:2103.16562).
 */

import { addCounts, classIoU, emptyCounts, type ImageCounts, meanIoUOf } from "./per-image-counts.js";
import { voidLabel } from "./void-label.js";

/** Width of the band as a share of the image's diagonal, as published. */
const widthShare = 0.02;

/** Adds up images' boundary bands. */
export class BoundaryIoU {
  readonly #total: ImageCounts;

  /** @param numClasses - K; class ids lie in [0, K) */
  constructor(numClasses: number) {
    this.#total = emptyCounts(numClasses);
  }

  /**
   * Counts one image. Void pixels belong to no region of either map, so their edges are everybody's.
   *
   * @param truth - `[height, width]` class ids or 255
   * @param prediction - `[height, width]` class ids
   * @param size - height and width of both maps in pixels
   */
  add(truth: Uint8Array, prediction: Uint8Array, size: readonly [height: number, width: number]): void {
    const band = bandWidth(size);
    const guess = prediction.map((label, i) => (truth[i] === voidLabel ? voidLabel : label));
    const inTruth = edgeBand(truth, size, band);
    const inGuess = edgeBand(guess, size, band);
    const counts = emptyCounts(this.#total.hits.length);
    for (let i = 0; i < truth.length; i++) {
      const label = truth[i]!;
      if (label === voidLabel) continue;
      if (inTruth[i] === 1) counts.truth[label]! += 1;
      if (inGuess[i] === 1) counts.predicted[guess[i]!]! += 1;
      if (inTruth[i] === 1 && inGuess[i] === 1 && label === guess[i]) counts.hits[label]! += 1;
    }
    addCounts(this.#total, counts);
  }

  /** Mean over the classes that are true or predicted in the bands, in [0, 1]; 0 where there are none. */
  get mean(): number {
    return meanIoUOf(this.#total);
  }

  /** IoU of each class's bands; `null` where a class is neither true nor predicted in them. */
  get perClass(): (number | null)[] {
    return classIoU(this.#total);
  }
}

/**
 * Pixels of the band: 2 % of the diagonal, at least 1.
 *
 * @param size - height and width of the map in pixels
 */
export function bandWidth([height, width]: readonly [number, number]): number {
  return Math.max(1, Math.round(widthShare * Math.hypot(height, width)));
}

/** 1 where a pixel of another label, or the image's edge, is at most `band` steps away, diagonals included. */
function edgeBand(labels: Uint8Array, [height, width]: readonly [number, number], band: number): Uint8Array {
  const uniformRow = new Uint8Array(labels.length);
  for (let y = 0; y < height; y++) {
    for (let x = band; x < width - band; x++) {
      const at = y * width + x;
      let same = 1;
      for (let d = -band; d <= band && same === 1; d++) if (labels[at + d] !== labels[at]) same = 0;
      uniformRow[at] = same;
    }
  }
  const edge = new Uint8Array(labels.length).fill(1);
  for (let y = band; y < height - band; y++) {
    for (let x = band; x < width - band; x++) {
      const at = y * width + x;
      let inside = true;
      for (let d = -band; d <= band && inside; d++) {
        const other = at + d * width;
        inside = uniformRow[other] === 1 && labels[other] === labels[at];
      }
      if (inside) edge[at] = 0;
    }
  }
  return edge;
}
