/** From a network's input to classes at the size of what it shows. */
import { narrow, noGrad, reshape, scope, type Tensor } from "../../engine/index.js";
import type { LabelMap } from "../../images/index.js";
import type { Forward } from "../../inference/index.js";
import { SpikingState } from "../../models/index.js";
import { type EnlargeOptions, enlargedLabels } from "../../training/index.js";

/** The class of every pixel. */
export function labelInput(forward: Forward, input: Tensor, options: EnlargeOptions): LabelMap {
  return scope("label input", () => noGrad(() => enlargedLabels(forward.forward(input).logits, options)));
}

/**
 * The answer of a spiking network after each of its timesteps; the last one is that of {@link labelInput}.
 *
 * @param input - one example: frames `[T, 1, C, H, W]`, or an image `[1, C, H, W]` for all `timesteps`
 */
export function labelEachStep(
  forward: Forward,
  input: Tensor,
  { timesteps, ...options }: EnlargeOptions & { readonly timesteps: number },
): LabelMap[] {
  const constant = input.shape.length === 4;
  using state = new SpikingState();
  return Array.from({ length: constant ? timesteps : (input.shape[0] ?? 0) }, (_, t) =>
    scope("timestep", () => {
      const frame = constant ? reshape(input, [1, ...input.shape]) : narrow(input, 0, t, 1);
      return labelNext(forward, frame, { state, ...options });
    }),
  );
}

/** The answer after further timesteps `[T', 1, C, H, W]` of a stream, whose membranes go on from `state`. */
export function labelNext(
  forward: Forward,
  frames: Tensor,
  { state, ...options }: EnlargeOptions & { readonly state: SpikingState },
): LabelMap {
  return scope("label stream", () => noGrad(() => enlargedLabels(forward.advance(frames, state), options)));
}
