/** Spiking networks: layers over chunks of timesteps, a decoder that spikes, an output that integrates. */

export {
  directFrames,
  type FrameSource,
  perExampleUniform,
  poissonFrames,
  storedFrames,
  type TimedInput,
} from "./frame-source.js";
export { bitsObstacle } from "./packed-features.js";
export type { OutputSums, ReadOut } from "./read-out.js";
export {
  firstFrame,
  type RunFramesOptions,
  runFrames,
  SeenEnough,
  stepsAtOnce,
} from "./run-frames.js";
export { SnnModel } from "./snn-model.js";
export { SpikingState } from "./spiking-state.js";
