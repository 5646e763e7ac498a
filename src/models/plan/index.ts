/** Networks as data: tables of stages, settings, and the plan of named layers that every kind of network walks. */

export type { Architecture, ArchitectureStage, JoinWay, NamedArchitecture } from "./architecture.js";
export {
  type ArchitectureName,
  architectureName,
  architectureNames,
  architectures,
} from "./architectures.js";
export { checkBatchStatistics } from "./batch-statistics.js";
export { checkModelConfig, spikingChannels } from "./check-model-config.js";
export { joinMaps, joinWays, type Resizing, resizedTo } from "./join-maps.js";
export { kernelsObstacle } from "./kernels-obstacle.js";
export { type LayerRow, layerTable } from "./layer-table.js";
export {
  type AnnConfig,
  type AnnSettings,
  completeModelConfig,
  type ModelConfig,
  type ModelSettings,
  modelDefaults,
  mostSteps,
  type NormName,
  neuronOf,
  normOf,
  type SnnConfig,
  type SnnSettings,
  usualLevels,
} from "./model-config.js";
export {
  companion,
  type FiringLayer,
  firingLayers,
  type NetworkPlan,
  type PlannedDecoder,
  type PlannedLayer,
  type PlannedStage,
  planNetwork,
} from "./plan-network.js";
export { pooledSize, type Shape, sizeOf } from "./shapes.js";
export { type LayerMaps, type SizedLayer, type SizedPlan, type SizedStage, sizePlan } from "./size-plan.js";
export { type DecoderSteps, walkDecoder } from "./walk-decoder.js";
