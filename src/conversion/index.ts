/** From a trained ANN to a spiking network. */

export { type FindOptions, findThresholds } from "./find-thresholds.js";
// Input
export {
  directFrames,
  type FrameSource,
  perExampleUniform,
  poissonFrames,
  storedFrames,
} from "./frame-source.js";
// Thresholds
export {
  applyThresholds,
  scaleThresholds,
  type Threshold,
  type Thresholds,
  type ThresholdType,
  thresholdTypes,
} from "./thresholds.js";
