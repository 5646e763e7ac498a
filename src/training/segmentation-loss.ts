/** The loss that a configuration asks for. */

import type { Config } from "../config/index.js";
import { keep, scope, type Tensor, tensorFrom, toDevice } from "../engine/index.js";
import { voidLabel } from "../metrics/index.js";
import { logWeights, medianFrequencyWeights, segmentationLosses } from "../nn/index.js";
import type { ClassCounts } from "./class-counts.js";

/** The options that decide it. */
export type LossOptions = Pick<
  Config,
  "loss" | "focalGamma" | "ohemThreshold" | "ohemShare" | "classWeights" | "device"
>;

/**
 * A loss over pixels that are not void; holds the weights of classes until it is disposed.
 *
 * @example
 * import { scope } from "snnseg";
 * import { rand } from "snnseg/ops";
 * import { labelTensor, SegmentationLoss } from "snnseg/training";
 *
 * const counts = { pixels: [900, 100], imagePixels: [1000, 500] };
 * const loss = { loss: "cross-entropy+dice", focalGamma: 2, ohemThreshold: 0.7, ohemShare: 0.0625 } as const;
 * const options = { ...loss, classWeights: "median-frequency", device: "cpu" } as const;
 * const mixed = new SegmentationLoss(options, counts);
 * const batch = { labels: Uint8Array.of(0, 1, 255, 0), labelShape: [1, 2, 2] } as const;
 * scope("loss", () => console.log(mixed.of(rand([1, 2, 2, 2], 0), labelTensor(batch, "cpu")).item()));
 * mixed.dispose();
 */
export class SegmentationLoss implements Disposable {
  readonly #options: LossOptions;
  readonly #classWeights: Tensor | undefined;
  readonly #weights: Float32Array | undefined;

  /**
   * @param options - which loss, its settings, and the device of scores and labels
   * @param trainCounts - how often classes occur in the training split
   */
  constructor(options: LossOptions, trainCounts: ClassCounts) {
    this.#options = options;
    const { classWeights, loss, device } = options;
    if (classWeights === "none" || !loss.startsWith("cross-entropy")) return;
    const weights = weightsOf(classWeights, trainCounts);
    this.#weights = weights;
    this.#classWeights = scope("class weights", () =>
      keep(toDevice(tensorFrom(weights, [weights.length]), device)),
    );
  }

  /**
   * @param logits - `[N, K, H, W]`
   * @param labels - `[N, H, W]` int64
   * @returns a scalar; NaN where every pixel is void
   */
  of(logits: Tensor, labels: Tensor): Tensor {
    const { loss, focalGamma: gamma, ohemThreshold: threshold, ohemShare: share } = this.#options;
    const ohem = { threshold, share };
    const settings = { ignoreIndex: voidLabel, gamma, ohem, classWeights: this.#classWeights };
    return segmentationLosses[loss](logits, labels, settings);
  }

  /**
   * What a batch weighs in a mean over several: its pixels that are not void, each by its class's weight where there are any.
   *
   * @param labels - class ids, 255 for void
   */
  weightOf(labels: Uint8Array): number {
    const weights = this.#weights;
    return labels.reduce((total, label) => total + (label === voidLabel ? 0 : (weights?.[label] ?? 1)), 0);
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

function weightsOf(
  kind: Exclude<LossOptions["classWeights"], "none">,
  { pixels, imagePixels }: ClassCounts,
): Float32Array {
  switch (kind) {
    case "median-frequency":
      return medianFrequencyWeights(pixels, imagePixels);
    case "log":
      return logWeights(pixels);
    case "log-1.1":
      return logWeights(pixels, 1.1);
  }
}
