/** Online hard example mining: cross-entropy over the pixels that the network is not yet sure of. */
import { checkNumber } from "../../checks/index.js";
import {
  amin,
  call,
  callMany,
  crossEntropy,
  eq,
  flatten,
  ge,
  gt,
  noGrad,
  scope,
  sum,
  type Tensor,
  where,
} from "../../engine/index.js";

/** Settings of {@link ohemCrossEntropy}. */
export interface OhemOptions {
  /** The label of pixels that do not count. */
  readonly ignoreIndex: number;
  /** θ in (0, 1]: pixels whose true class has a lower probability are hard. */
  readonly threshold: number;
  /** Share of the pixels in (0, 1] that counts at least: the hardest of them where fewer are hard. */
  readonly share: number;
  /** `[K]` (default: 1 each). They weigh the mean and say nothing about which pixels are hard. */
  readonly classWeights?: Tensor | undefined;
}

/**
 * Cross-entropy over hard pixels.
 *
 *     L = Σ_{i ∈ H} w[y_i]·ℓ_i / Σ_{i ∈ H} w[y_i],   ℓ_i = −log p_i,   p_i = softmax probability of the true class
 *     H = {i : p_i < θ}, or the ⌈share·P⌉ of P pixels with the largest ℓ_i where those are more
 *
 * The pixels are those of the whole batch. θ = 1 is cross-entropy but for pixels that are certain; NaN where every
 * pixel is ignored.
 *
 * @param logits - `[N, K, H, W]`
 * @param labels - `[N, H, W]` int64
 * @param options - what is hard, and what does not count
 * @throws OptionError unless threshold and share are in (0, 1], NativeError if shapes do not fit or a label is none of
 * the K classes
 * @see Shrivastava, Gupta & Girshick 2016, arXiv:1604.03540 (there the regions of object detection)
 */
export function ohemCrossEntropy(logits: Tensor, labels: Tensor, options: OhemOptions): Tensor {
  const { ignoreIndex, threshold, share, classWeights } = options;
  checkNumber("ohemCrossEntropy", "threshold", threshold, { above: 0, most: 1 });
  checkNumber("ohemCrossEntropy", "share", share, { above: 0, most: 1 });
  return scope("ohem cross-entropy", () => {
    const hard = noGrad(() => hardPixels(pixelLosses(logits, labels, ignoreIndex), labels, options));
    return crossEntropy(logits, where(hard, labels, ignoreIndex), ignoreIndex, classWeights);
  });
}

/** ℓ of every pixel, 0 where it is ignored: `[N, H, W]`. */
function pixelLosses(logits: Tensor, labels: Tensor, ignoreIndex: number): Tensor {
  const noReduction = 0;
  return call("aten::cross_entropy_loss", [logits, labels, null, noReduction, ignoreIndex]);
}

/** Whether each pixel is one of H; ignored ones may be. */
function hardPixels(losses: Tensor, labels: Tensor, { ignoreIndex, threshold, share }: OhemOptions): Tensor {
  const ignored = sum(eq(labels, ignoreIndex)).item();
  const least = Math.ceil(share * (labels.numel - ignored));
  const unsure = gt(losses, -Math.log(threshold));
  if (least === 0 || sum(unsure).item() >= least) return unsure;
  const [hardest] = callMany("aten::topk", [flatten(losses, 0, 2), least]) as [Tensor];
  return ge(losses, amin(hardest));
}
