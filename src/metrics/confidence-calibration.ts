/** Calibration: whether a network that is 80 % sure is right 80 % of the time (Guo et al. 2017, arXiv:1706.04599). */
import { voidLabel } from "./void-label.js";

/** One bin of the reliability diagram. */
export interface CalibrationBin {
  /** Share of all pixels. */
  readonly share: number;
  /** Mean probability of the chosen class over the bin's pixels. */
  readonly meanConfidence: number;
  /** Share of the bin's pixels whose chosen class is the true one. */
  readonly accuracy: number;
}

/** Adds up pixels by how sure the network is of them: the probability of the class it chose. */
export class Calibration {
  readonly #pixels: Float64Array;
  readonly #confidence: Float64Array;
  readonly #right: Float64Array;

  /**
   * @param options - resolution of the diagram
   * @param options.bins - equal parts of [0, 1] that confidences are sorted into (default 15)
   */
  constructor({ bins = 15 }: { readonly bins?: number } = {}) {
    this.#pixels = new Float64Array(bins);
    this.#confidence = new Float64Array(bins);
    this.#right = new Float64Array(bins);
  }

  /**
   * Counts pixels that are not void.
   *
   * @param truth - class ids or 255, one a pixel
   * @param prediction - chosen class ids, as many as `truth`
   * @param confidence - probability of the chosen class, in [0, 1], as many as `truth`
   */
  add(truth: Uint8Array, prediction: Uint8Array, confidence: Float32Array): void {
    const bins = this.#pixels.length;
    for (let i = 0; i < truth.length; i++) {
      if (truth[i] === voidLabel) continue;
      const bin = Math.min(bins - 1, Math.floor(confidence[i]! * bins));
      this.#pixels[bin]! += 1;
      this.#confidence[bin]! += confidence[i]!;
      if (truth[i] === prediction[i]) this.#right[bin]! += 1;
    }
  }

  /** Bins from unsure to sure; an empty one is 0 throughout. */
  bins(): CalibrationBin[] {
    const total = this.#pixels.reduce((a, b) => a + b, 0);
    return Array.from(this.#pixels, (pixels, b) => ({
      share: total > 0 ? pixels / total : 0,
      meanConfidence: pixels > 0 ? this.#confidence[b]! / pixels : 0,
      accuracy: pixels > 0 ? this.#right[b]! / pixels : 0,
    }));
  }

  /** Expected calibration error: Σ share · |accuracy − confidence|, in [0, 1]. */
  get error(): number {
    return this.bins().reduce(
      (sum, { share, accuracy, meanConfidence }) => sum + share * Math.abs(accuracy - meanConfidence),
      0,
    );
  }
}
