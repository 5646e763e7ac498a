/** Runs a spiking network in chunks of timesteps: memory stays within a budget however many there are. */
import { checkInteger, checkNumber } from "../../checks/index.js";
import { noGrad, scope } from "../../engine/index.js";
import { layerTable, type SnnConfig, sizeOf } from "../plan/index.js";
import type { ForwardObserver, LayerActivity } from "../segmentation-model.js";
import type { FrameSource } from "./frame-source.js";
import type { SnnModel } from "./snn-model.js";
import type { SpikingState } from "./spiking-state.js";

/** What the largest layer's activations of a chunk may take, unless told otherwise. */
const defaultActivationBytes = 64 * 2 ** 20;

/** Thrown by an observer that has seen enough of a chunk: layers behind it need not run. */
export class SeenEnough extends Error {}

/** How far to run, and in how much memory. */
export interface RunFramesOptions {
  /** The timestep to stop before. */
  readonly timesteps: number;
  /** Steps without input after the last one, as in full propagation (default 0). */
  readonly extraSteps?: number;
  /** Sees every chunk. */
  readonly observer?: ForwardObserver | undefined;
  /** What the largest layer's activations of a chunk may take (default: 64 MiB). */
  readonly activationBytes?: number;
}

/**
 * Advances `state` to timestep `timesteps`, without gradients.
 *
 * @param model - in evaluation mode
 * @param frames - asked for the timesteps from `state.step` on
 * @param options - `state`, which is written, and how far to run
 * @returns what every layer fired at these timesteps; nothing of chunks that the observer saw enough of
 * @throws OptionError if a number is none of its kind; see `SnnModel.advance` for the rest
 */
export function runFrames(
  model: SnnModel,
  frames: FrameSource,
  {
    state,
    timesteps,
    extraSteps = 0,
    observer,
    ...options
  }: RunFramesOptions & { readonly state: SpikingState },
): LayerActivity[] {
  checkInteger("runFrames", "timesteps", timesteps, { least: 0 });
  checkInteger("runFrames", "extraSteps", extraSteps, { least: 0 });
  const activity: LayerActivity[] = [];
  const atOnce = stepsAtOnce(model.config, frames, options);
  for (let first = state.step; first < timesteps; first += atOnce) {
    const steps = Math.min(atOnce, timesteps - first);
    const isLast = first + steps === timesteps;
    try {
      const chunk = scope("run frames", () =>
        noGrad(() =>
          model.advance(frames(first, steps), state, {
            steps,
            extraSteps: isLast ? extraSteps : 0,
            observer,
          }),
        ),
      );
      for (const [index, layer] of chunk.entries()) activity[index] = continued(activity[index], layer);
    } catch (error) {
      if (!(error instanceof SeenEnough)) throw error;
      state.step = first + steps;
    }
  }
  return activity;
}

/**
 * Timesteps of a batch whose largest layer stays within the budget; at least 1.
 *
 * @param config - of the network
 * @param frames - whose first says the batch's size
 * @param options - `activationBytes`: the budget (default 64 MiB)
 * @throws OptionError unless the budget is above 0
 */
export function stepsAtOnce(
  config: SnnConfig,
  frames: FrameSource,
  { activationBytes = defaultActivationBytes }: Pick<RunFramesOptions, "activationBytes"> = {},
): number {
  checkNumber("runFrames", "activationBytes", activationBytes, { above: 0 });
  const frame = firstFrame(frames);
  const batch = frame.shape.at(-4) ?? 1;
  const neurons = layerTable(config, sizeOf(frame)).map(({ shape }) =>
    shape.reduce((product, n) => product * n, 1),
  );
  const stepBytes = Math.max(...neurons) * batch * Float32Array.BYTES_PER_ELEMENT;
  return Math.max(1, Math.floor(activationBytes / stepBytes));
}

/** The shape of a source's frames. */
export function firstFrame(frames: FrameSource): { readonly shape: readonly number[] } {
  return scope("first frame", () => ({ shape: frames(0, 1).shape }));
}

function continued(
  before: LayerActivity | undefined,
  { spikes, meanExcess, ...layer }: LayerActivity,
): LayerActivity {
  return {
    ...layer,
    spikes: [...(before?.spikes ?? []), ...spikes],
    meanExcess: [...(before?.meanExcess ?? []), ...meanExcess],
  };
}
