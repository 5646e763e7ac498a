/** Maps over time where each timestep may take several slots, as integers do that are sent as binary spikes. */
import { channelsLast, flatten, scope, splitFirst, sum, type Tensor, toDType } from "../../engine/index.js";
import type { Conv2d } from "../../nn/index.js";

/**
 * The sum over the slots of each timestep: k·a rounded once, as an integer is sent.
 *
 * @param x - `[T'·D, N, C, H, W]`, D slots for each timestep, or `[T', N, C, H, W]`, which is returned
 * @param steps - T'
 */
export function perStep(x: Tensor, steps: number): Tensor {
  if (x.shape[0] === steps) return x;
  return scope("slots", () => toDType(sum(toDType(splitFirst(x, steps), "float64"), [1]), "float32")); // of [T', D, N, C, H, W]
}

/**
 * What a convolution makes of spikes, `[T', N, C, H, W]`. It is linear: those of a timestep's slots are added before they are weighed,
 * exactly, as hardware adds integers. Laid out as integers are, they are convolved by the same sums.
 */
export function currentOf(conv: Conv2d, x: Tensor, steps: number): Tensor {
  return scope("current", () =>
    splitFirst(conv.forward(channelsLast(flatten(perStep(x, steps), 0, 1))), steps),
  );
}
