/** Lovász-softmax: a convex stand-in for one minus the mean IoU. */
import {
  abs,
  add,
  call,
  callMany,
  concat,
  div,
  mean,
  mul,
  narrow,
  noGrad,
  permute,
  scope,
  sub,
  sum,
  type Tensor,
} from "../../engine/index.js";
import { logSoftmax, oneHot, validPixels } from "./valid-pixels.js";

/**
 * Lovász-softmax: a convex stand-in for one minus the mean IoU.
 *
 * For every class in the labels: with errors m = |g − p| sorted from large to small, and J_i = 1 − IoU if exactly the
 * i largest errors were mistakes,
 *
 *     L = mean over classes of Σ_i m_i·(J_i − J_{i−1}),   J_i = 1 − (G − Σ_{j≤i} g_j)/(G + Σ_{j≤i} (1 − g_j))
 *
 * Sums run over the batch's pixels that count. NaN where every pixel is ignored.
 *
 * @param logits - `[N, K, H, W]`
 * @param labels - `[N, H, W]` int64
 * @param options - `ignoreIndex`: the label of pixels that do not count
 * @throws NativeError if shapes do not fit or a label is none of the K classes
 * @see Berman, Rannen Triki & Blaschko 2018, arXiv:1705.08790
 */
export function lovaszSoftmaxLoss(
  logits: Tensor,
  labels: Tensor,
  { ignoreIndex }: { readonly ignoreIndex: number },
): Tensor {
  return scope("lovasz softmax loss", () => {
    const pixels = validPixels(logits, labels, ignoreIndex);
    const p = call("aten::exp", [logSoftmax(pixels.scores)]);
    const g = oneHot(pixels.labels, p);
    const occurring = call("aten::flatten.using_ints", [call("aten::nonzero", [sum(g, [0])]), 0, 1]);
    const truth = call("aten::index_select", [permute(g, [1, 0]), 0, occurring]); // [classes, P]
    const errors = abs(sub(truth, call("aten::index_select", [permute(p, [1, 0]), 0, occurring])));
    const [sorted, order] = callMany("aten::sort", [errors, 1, true]) as [Tensor, Tensor];
    const slope = noGrad(() => jaccardSlope(call("aten::gather", [truth, 1, order, false])));
    return mean(sum(mul(sorted, slope), [1]));
  });
}

/** J_i − J_{i−1} for truths in the order of their errors, `[classes, P]`. */
function jaccardSlope(truth: Tensor): Tensor {
  const [classes = 0, pixels = 0] = truth.shape;
  const found = call("aten::cumsum", [truth, 1, undefined]);
  const wrong = call("aten::cumsum", [add(mul(truth, -1), 1), 1, undefined]);
  const total = narrow(found, 1, pixels - 1, 1); // [classes, 1]
  const iou = div(sub(total, found), add(total, wrong));
  const jaccard = add(mul(iou, -1), 1);
  if (classes === 0 || pixels < 2) return jaccard;
  const rest = sub(narrow(jaccard, 1, 1, pixels - 1), narrow(jaccard, 1, 0, pixels - 1));
  return concat([narrow(jaccard, 1, 0, 1), rest], 1);
}
