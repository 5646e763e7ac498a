/** Focal loss: cross-entropy that cares less about pixels that are already right. */
import { checkNumber } from "../../checks/index.js";
import { add, call, mean, mul, scope, type Tensor, unsqueeze } from "../../engine/index.js";
import { logSoftmax, validPixels } from "./valid-pixels.js";

/** Keeps the power's slope finite where a pixel is certain. */
const SMALLEST_DOUBT = 1e-12;

/**
 * Focal loss: cross-entropy in which pixels count less the surer they are right.
 *
 *     L = mean over pixels of −(1 − p)^γ · log p,   p = softmax probability of the true class
 *
 * γ = 0 is cross-entropy. NaN where every pixel is ignored.
 *
 * @param logits - `[N, K, H, W]`
 * @param labels - `[N, H, W]` int64
 * @param options - `ignoreIndex`: the label of pixels that do not count; `gamma`: γ, 0 or more
 * @throws OptionError if gamma is below 0, NativeError if shapes do not fit or a label is none of the K classes
 * @see Lin et al. 2017, arXiv:1708.02002
 */
export function focalLoss(
  logits: Tensor,
  labels: Tensor,
  { ignoreIndex, gamma }: { readonly ignoreIndex: number; readonly gamma: number },
): Tensor {
  checkNumber("focalLoss", "gamma", gamma, { least: 0 });
  return scope("focal loss", () => {
    const pixels = validPixels(logits, labels, ignoreIndex);
    const logP = call("aten::gather", [logSoftmax(pixels.scores), 1, unsqueeze(pixels.labels, 1), false]);
    const doubt = call("aten::clamp", [add(mul(call("aten::exp", [logP]), -1), 1), SMALLEST_DOUBT, null]);
    return mul(mean(mul(call("aten::pow.Tensor_Scalar", [doubt, gamma]), logP)), -1);
  });
}
