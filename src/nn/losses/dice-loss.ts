/** Soft Dice loss: one minus the overlap of probabilities and truth, class by class. */
import { add, call, div, mean, mul, scope, sum, type Tensor } from "../../engine/index.js";
import { logSoftmax, oneHot, validPixels } from "./valid-pixels.js";

/**
 * Soft Dice loss: how little probabilities and truth overlap, class by class.
 *
 *     L = 1 − mean over classes in the labels of 2·Σ p·g / (Σ p + Σ g)
 *
 * p are softmax probabilities, g is 1 for a pixel's true class; sums run over the batch's pixels that count.
 * NaN where every pixel is ignored.
 *
 * @param logits - `[N, K, H, W]`
 * @param labels - `[N, H, W]` int64
 * @param options - `ignoreIndex`: the label of pixels that do not count
 * @throws NativeError if shapes do not fit or a label is none of the K classes
 * @see Milletari, Navab & Ahmadi 2016, arXiv:1606.04797 (there with squares in the denominator)
 */
export function diceLoss(
  logits: Tensor,
  labels: Tensor,
  { ignoreIndex }: { readonly ignoreIndex: number },
): Tensor {
  return scope("dice loss", () => {
    const pixels = validPixels(logits, labels, ignoreIndex);
    const p = call("aten::exp", [logSoftmax(pixels.scores)]); // [P, K]
    const g = oneHot(pixels.labels, p);
    const truePixels = sum(g, [0]); // [K]
    const overlap = div(mul(sum(mul(p, g), [0]), 2), add(sum(p, [0]), truePixels));
    const occurring = call("aten::nonzero", [truePixels]);
    const chosen = call("aten::index_select", [
      overlap,
      0,
      call("aten::flatten.using_ints", [occurring, 0, 1]),
    ]);
    return add(mul(mean(chosen), -1), 1);
  });
}
