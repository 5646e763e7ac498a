/** Segmentation networks: DeepLab and FCN on VGG backbones, as ANN and as SNN. */

// Networks

export { AnnModel } from "./ann/index.js";
export type { ModelOptions } from "./build-options.js";
export { copyModel } from "./copy-model.js";
export { createBlankModel, createModel } from "./create-model.js";
export { deviceOf } from "./device-of.js";
export { plainTwin } from "./plain/index.js";

// What defines them

export {
  type AnnConfig,
  type AnnSettings,
  type Architecture,
  type ArchitectureName,
  type ArchitectureStage,
  architectureName,
  architectureNames,
  architectures,
  checkModelConfig,
  companion,
  type DecoderSteps,
  type FiringLayer,
  firingLayers,
  type JoinWay,
  joinMaps,
  joinWays,
  kernelsObstacle,
  type LayerMaps,
  type LayerRow,
  layerTable,
  type ModelConfig,
  type ModelSettings,
  modelDefaults,
  mostSteps,
  type NamedArchitecture,
  type NetworkPlan,
  type NormName,
  neuronOf,
  normOf,
  type PlannedDecoder,
  type PlannedLayer,
  type PlannedStage,
  planNetwork,
  pooledSize,
  type Resizing,
  resizedTo,
  type Shape,
  type SizedLayer,
  type SizedPlan,
  type SizedStage,
  type SnnConfig,
  type SnnSettings,
  sizeOf,
  sizePlan,
  spikingChannels,
  usualLevels,
  walkDecoder,
} from "./plan/index.js";

// What they are seen through

export { infer, type NetworkScores, timedInput } from "./infer.js";
export type {
  FeedingConfig,
  ForwardNetwork,
  ForwardObserver,
  ForwardOptions,
  ForwardResult,
  LayerActivity,
  LayerSpikes,
  SegmentationModel,
} from "./segmentation-model.js";

// Input over time

export {
  bitsObstacle,
  directFrames,
  type FrameSource,
  type OutputSums,
  perExampleUniform,
  poissonFrames,
  type ReadOut,
  type RunFramesOptions,
  runFrames,
  SeenEnough,
  SnnModel,
  SpikingState,
  stepsAtOnce,
  storedFrames,
  type TimedInput,
} from "./snn/index.js";
