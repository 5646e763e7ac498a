/** Scores of a network in evaluation, in memory that does not grow with the timesteps. */
import { noGrad, scope, type Tensor } from "../engine/index.js";
import { sizeOf } from "./plan/index.js";
import type { ForwardNetwork, LayerSpikes, SegmentationModel } from "./segmentation-model.js";
import {
  firstFrame,
  type RunFramesOptions,
  runFrames,
  SnnModel,
  SpikingState,
  storedFrames,
  type TimedInput,
} from "./snn/index.js";

/** What a network says about a batch. */
export interface NetworkScores {
  /** Class scores `[N, K, H, W]`. */
  readonly logits: Tensor;
  /** How much each spiking layer fired, from input to output; empty for an ANN. */
  readonly activity: readonly LayerSpikes[];
}

/**
 * What `forward` gives, without gradients; a spiking network runs in chunks of timesteps, in the order of time. The
 * network must be in evaluation mode.
 *
 * @param model - one that is no `SnnModel` is asked once, for all timesteps
 * @param input - `frames` and the number of `timesteps`; {@link timedInput} makes it of a tensor
 * @param options - see {@link RunFramesOptions}
 */
export function infer(
  model: ForwardNetwork,
  { frames, timesteps }: TimedInput,
  options: Pick<RunFramesOptions, "observer" | "activationBytes"> = {},
): NetworkScores {
  return scope("infer", () =>
    noGrad(() => {
      if (!(model instanceof SnnModel)) {
        const { logits, activity = [] } = model.forward(frames(0, timesteps), { observer: options.observer });
        return { logits, activity };
      }
      using state = new SpikingState();
      const { extraSteps } = model;
      const activity = runFrames(model, frames, { state, timesteps, extraSteps, ...options });
      return { logits: model.readOut(state, sizeOf(firstFrame(frames))), activity };
    }),
  );
}

/**
 * The input of `forward` as one of {@link infer}.
 *
 * @param model - whose config says how often a constant image is fed
 * @param input - frames `[T, N, C, H, W]`, or images `[N, C, H, W]`; must outlive what is returned
 */
export function timedInput({ config }: SegmentationModel, input: Tensor): TimedInput {
  if (input.shape.length === 5) return { frames: storedFrames(input), timesteps: input.shape[0] ?? 0 };
  return { frames: () => input, timesteps: config.kind === "snn" ? config.timesteps : 1 };
}
