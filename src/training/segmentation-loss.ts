/** The loss that a configuration asks for. */

import type { Config } from "../config/index.js";
import { keep, scope, type Tensor, tensorFrom, toDevice } from "../engine/index.js";
import { voidLabel } from "../metrics/index.js";
import { logWeights, medianFrequencyWeights, segmentationLosses } from "../nn/index.js";
import type { ClassCounts } from "./class-counts.js";

/** The options that decide it. */
export type LossOptions = Pick<Config, "loss" | "focalGamma" | "classWeights" | "device">;

/**
 * A loss over pixels that are not void; holds the weights of classes until it is disposed.
 *
 * @example
 * import { scope } from "snnseg";
 * import { rand } from "snnseg/ops";
 * import { labelTensor, SegmentationLoss } from "snnseg/training";
 *
 * const counts = { pixels: [900, 100], imagePixels: [1000, 500] };
 * const options = { loss: "cross-entropy+dice", focalGamma: 2, classWeights: "median-frequency", device: "cpu" } as const;
 * const loss = new SegmentationLoss(options, counts);
 * const batch = { labels: Uint8Array.of(0, 1, 255, 0), labelShape: [1, 2, 2] } as const;
 * scope("loss", () => console.log(loss.of(rand([1, 2, 2, 2], 0), labelTensor(batch, "cpu")).item()));
 * loss.dispose();
 */
export class SegmentationLoss implements Disposable {
  readonly #options: LossOptions;
  readonly #classWeights: Tensor | undefined;

  /**
   * @param options - which loss, its settings, and the device of scores and labels
   * @param trainCounts - how often classes occur in the training split
   */
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

  /** Frees the weights of classes. */
  dispose(): void {
    this.#classWeights?.dispose();
  }

  /** {@link dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
