/** Runs a spiking network over a batch's frames in chunks, as far as an observer wants to see. */
import { noGrad, scope } from "../engine/index.js";
import { type ForwardObserver, type SnnModel, SpikingState } from "../models/index.js";
import type { FrameSource } from "./frame-source.js";

/** Timesteps run at once; bounds memory in long runs. */
export const chunkSteps = 16;

/** Thrown by an observer that has seen enough of a chunk: layers behind it need not run. */
export class SeenEnough extends Error {}

/** Evaluation without gradients from t = 0 on; the observer sees every chunk. */
export function runFrames(
  model: SnnModel,
  frames: FrameSource,
  { timesteps, observer }: { readonly timesteps: number; readonly observer: ForwardObserver },
): void {
  using state = new SpikingState();
  for (let first = 0; first < timesteps; first += chunkSteps) {
    const count = Math.min(chunkSteps, timesteps - first);
    try {
      scope("run frames", () => noGrad(() => model.advance(frames(first, count), state, { observer })));
    } catch (error) {
      if (!(error instanceof SeenEnough)) throw error;
      state.step = first + count;
    }
  }
}

/** Runs `body` in evaluation mode and puts the mode back. */
export function inEvaluation<T>(
  model: { readonly training: boolean; setTraining(on: boolean): void },
  body: () => T,
): T {
  const wasTraining = model.training;
  model.setTraining(false);
  try {
    return body();
  } finally {
    model.setTraining(wasTraining);
  }
}
