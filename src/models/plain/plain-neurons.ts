/** LIF neurons one step at a time by libtorch's own operators. */
import { add, detach, div, mul, sub, type Tensor } from "../../engine/index.js";
import { type Reset, type Surrogate, spike } from "../../neurons/index.js";

export type PlainNeurons = {
  readonly leak: number;
  /** Of a shape that broadcasts over `[N, C, H, W]`. */
  readonly threshold: Tensor;
  readonly reset: Reset;
  readonly surrogate: Surrogate;
};

/**
 * One step of LIF neurons: u = λ·v + i, s = Θ(u/ϑ − 1), and v = u − ϑ·s or u·(1 − s). The gradient passes through s by
 * the surrogate, not through the reset.
 */
export function plainStep(
  current: Tensor,
  v: Tensor,
  { leak, threshold, reset, surrogate }: PlainNeurons,
): { readonly spikes: Tensor; readonly v: Tensor } {
  const u = add(mul(v, leak), current);
  const spikes = spike(sub(div(u, threshold), 1), surrogate);
  const fired = detach(spikes);
  return { spikes, v: reset === "hard" ? sub(u, mul(u, fired)) : sub(u, mul(fired, threshold)) };
}
