/** Segmentation networks: DeepLab and FCN on VGG backbones, as ANN and as SNN. */

export { AnnModel } from "./ann-model.js";
// What defines them
export {
  type Architecture,
  type ArchitectureName,
  architectureNames,
  architectures,
  type Stage,
} from "./architectures.js";
export { checkModelConfig } from "./check-model-config.js";
// Networks
export { copyModel } from "./copy-model.js";
export { createBlankModel, createModel } from "./create-model.js";
// Input over time
export {
  directFrames,
  type FrameSource,
  perExampleUniform,
  poissonFrames,
  storedFrames,
  type TimedInput,
} from "./frame-source.js";
export { infer, timedInput } from "./infer.js";
export { companion, type NetworkPlan, type PlannedLayer, planNetwork, pooledSize } from "./layer-plan.js";
export { type LayerRow, layerTable } from "./layer-table.js";
export {
  type AnnConfig,
  type ModelConfig,
  modelDefaults,
  type SnnConfig,
} from "./model-config.js";
export { bitsObstacle } from "./packed-forward.js";
export { type RunFramesOptions, runFrames, SeenEnough, stepsAtOnce } from "./run-frames.js";
export type {
  ForwardObserver,
  ForwardOptions,
  ForwardResult,
  LayerActivity,
  SegmentationModel,
} from "./segmentation-model.js";
export type { ModelOptions } from "./shared.js";
export { SnnModel } from "./snn-model.js";
export { SpikingState } from "./spiking-state.js";
