/** Scores and labels of the pixels that count, as two lists. */
import { call, flatten, permute, type Tensor, unsqueeze } from "../../engine/index.js";

/** P pixels that are not `ignoreIndex`: scores `[P, K]` and int64 labels `[P]`. */
export interface ValidPixels {
  readonly scores: Tensor;
  readonly labels: Tensor;
}

/** From `[N, K, H, W]` scores and `[N, H, W]` int64 labels. Call inside a scope. */
export function validPixels(logits: Tensor, labels: Tensor, ignoreIndex: number): ValidPixels {
  const flatLabels = flatten(labels, 0, 2);
  const flatScores = flatten(permute(logits, [0, 2, 3, 1]), 0, 2); // [N·H·W, K]
  const kept = flatten(call("aten::nonzero", [call("aten::ne.Scalar", [flatLabels, ignoreIndex])]), 0, 1);
  return {
    scores: call("aten::index_select", [flatScores, 0, kept]),
    labels: call("aten::index_select", [flatLabels, 0, kept]),
  };
}

/** log p of every class, `[P, K]`. */
export function logSoftmax(scores: Tensor): Tensor {
  return call("aten::log_softmax.int", [scores, 1, undefined]);
}

/** The labels as `[P, K]` of 0 and 1 in the element type of `like`. */
export function oneHot(labels: Tensor, like: Tensor): Tensor {
  const zeros = call("aten::zeros_like", [like]);
  return call("aten::scatter.value", [zeros, 1, unsqueeze(labels, 1), 1]);
}
