/**
 * snnseg: spiking neural networks for semantic segmentation.
 *
 * From the bottom up: the engine (tensors and operators on libtorch), layers, spiking neurons, networks, data, scores,
 * training, fused inference, conversion of ANNs, and what the spikes cost.
 */

export type { Config, ConfigKey } from "./config/index.js";
export * from "./conversion/index.js";
// Names that more than one part uses
export * from "./datasets/index.js";
export { voidLabel } from "./datasets/index.js";
export type { LayerSpikes } from "./energy/index.js";
export * from "./energy/index.js";
export * from "./engine/index.js";
export * from "./errors.js";
export * from "./events/index.js";
export * from "./inference/index.js";
export * from "./metrics/index.js";
export * from "./models/index.js";
export * from "./neurons/index.js";
export type { NamedArray } from "./nn/index.js";
export * from "./nn/index.js";
export { type ComparedRun, type ComparisonReport, comparisonPage } from "./report/index.js";
export {
  type Answer,
  type CompareOptions,
  type ConversionListener,
  type ConversionScores,
  type ConvertOptions,
  type ConvertRunResult,
  compareRuns,
  convertRun,
  exportWeights,
  type Failed,
  type GivenOptions,
  type ImportedWeights,
  importWeights,
  type Layout,
  type Listener,
  loadRun,
  loadSegmenter,
  type MigrateOptions,
  migrateWeights,
  type OpenedRun,
  type OpenRunOptions,
  openPredictor,
  openRun,
  openTrainedRun,
  type PictureAnswer,
  Prediction,
  type PredictOptions,
  type Predictor,
  type PredictorOptions,
  predictPictures,
  predictRecordings,
  type RecordingAnswer,
  type RunRobustness,
  type Segmenter,
  type SegmenterOptions,
  type SettledRun,
  type Stage,
  type StagePlan,
  type StepAnswer,
  type StreamOptions,
  type Sweep,
  type SweepOptions,
  saveRobustness,
  settleRun,
  sweepRobustness,
  type TrainedNetwork,
  type TrainedRun,
  type TrainingOrder,
  type TrainNetworkOptions,
  type TrainOptions,
  train,
  trainNetwork,
  type WindowAnswer,
  WindowPrediction,
  type WrittenWeights,
} from "./runs/index.js";
export * from "./serialization/index.js";
export * from "./training/index.js";
