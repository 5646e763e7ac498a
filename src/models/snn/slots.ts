/** Maps over time where each timestep may take several slots, as integers do that are sent as binary spikes. */
import { add, flatten, reshape, scope, splitFirst, sum, type Tensor } from "../../engine/index.js";
import type { Conv2d } from "../../nn/index.js";

/**
 * The sum over the slots of each timestep.
 *
 * @param x - `[T'·D, N, C, H, W]`, D slots for each timestep, or `[T', N, C, H, W]`, which is returned
 * @param steps - T'
 */
export function perStep(x: Tensor, steps: number): Tensor {
  if (x.shape[0] === steps) return x;
  return scope("slots", () => sum(splitFirst(x, steps), [1])); // [T', D, N, C, H, W]
}

/** What a convolution makes of spikes, `[T', N, C, H, W]`: those of a timestep's slots meet before its bias is added, once. */
export function currentOf(conv: Conv2d, x: Tensor, steps: number): Tensor {
  const slots = x.shape[0]!;
  if (slots === steps) return splitFirst(conv.forward(flatten(x, 0, 1)), steps);
  return scope("slots", () => {
    const current = perStep(splitFirst(conv.forwardLinear(flatten(x, 0, 1)), slots), steps);
    return conv.bias === undefined ? current : add(current, reshape(conv.bias, [-1, 1, 1]));
  });
}
