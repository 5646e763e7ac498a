/** How sure a network is of each pixel. */
import { amax, call, scope, type Tensor } from "../engine/index.js";

/** The softmax probability of the likeliest class, `[N, H, W]`, from scores `[N, K, H, W]`. */
export function confidences(logits: Tensor): Float32Array {
  return scope("confidences", () =>
    amax(call("aten::softmax.int", [logits, 1, undefined]), [1]).toFloat32Array(),
  );
}
