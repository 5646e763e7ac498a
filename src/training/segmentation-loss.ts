/** The loss that a configuration asks for. */

import type { Config } from "../config/index.js";
import { keep, scope, type Tensor, tensorFrom, toDevice } from "../engine/index.js";
import { voidLabel } from "../metrics/index.js";
import { logWeights, medianFrequencyWeights, segmentationLosses } from "../nn/index.js";
import type { ClassCounts } from "./class-counts.js";

/** The options that decide it. */
export type LossOptions = Pick<Config, "loss" | "focalGamma" | "classWeights" | "device">;

/** A loss over pixels that are not void; holds the weights of classes until it is disposed. */
export class SegmentationLoss implements Disposable {
  readonly #options: LossOptions;
  readonly #classWeights: Tensor | undefined;

  /** @param trainCounts - how often classes occur in the training split */
  constructor(options: LossOptions, { pixels, imagePixels }: ClassCounts) {
    this.#options = options;
    if (options.classWeights === "none" || !options.loss.startsWith("cross-entropy")) return;
    this.#classWeights = scope("class weights", () => {
      const weights =
        options.classWeights === "log" ? logWeights(pixels) : medianFrequencyWeights(pixels, imagePixels);
      return keep(toDevice(tensorFrom(weights, [weights.length]), options.device));
    });
  }

  /**
   * @param logits - `[N, K, H, W]`
   * @param labels - `[N, H, W]` int64
   * @returns a scalar; NaN where every pixel is void
   */
  of(logits: Tensor, labels: Tensor): Tensor {
    const { loss, focalGamma: gamma } = this.#options;
    const settings = { ignoreIndex: voidLabel, gamma, classWeights: this.#classWeights };
    return segmentationLosses[loss](logits, labels, settings);
  }

  dispose(): void {
    this.#classWeights?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
