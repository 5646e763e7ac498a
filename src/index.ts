/**
 * snnseg: spiking neural networks for semantic segmentation.
 *
 * The whole things are here: networks, training, scores, conversion, energy, answers about pictures. Their parts lie in entries of
 * their own: `snnseg/ops`, `/nn`, `/neurons`, `/models`, `/data`, `/events`, `/metrics`, `/training`, `/conversion`, `/energy`,
 * `/io`, `/kernels` and `/runs`. Each name has one home.
 *
 * @module snnseg
 */

export { type EnergyMeasurement, type MeasureEnergyOptions, measureEnergy } from "./analysis/index.js";
export type { Config, ConfigKey } from "./config/index.js";
export { convertToSnn } from "./conversion/index.js";
export {
  type Batch,
  type BatchOptions,
  createLoader,
  type DatasetDefinition,
  type DatasetSpec,
  type DefinedExample,
  defineDataset,
  type Loader,
  type LoaderOptions,
  type PassOptions,
  type SegmentationDataset,
} from "./datasets/index.js";
export { type RankEnvironment, rankEnvironment } from "./distributed/index.js";
export {
  type DType,
  getThreads,
  hasCuda,
  keep,
  libtorchVersion,
  liveTensors,
  noGrad,
  scope,
  setThreads,
  Tensor,
  type TensorData,
  type TensorMemory,
  tensorFrom,
  tensorMemory,
} from "./engine/index.js";
export {
  ConversionError,
  DataFormatError,
  DisposedTensorError,
  DivergenceError,
  FileError,
  NativeError,
  NativeLoadError,
  OptionError,
  RankError,
  ShapeError,
  SnnsegError,
} from "./errors.js";
export {
  type FusedSnn,
  type FuseOptions,
  fuseIntegers,
  fuseSnn,
  type IntegerNet,
} from "./inference/index.js";
export { ConfusionMatrix, type Scores, scoresOf, voidLabel } from "./metrics/index.js";
export {
  type AnnConfig,
  AnnModel,
  type AnnSettings,
  createModel,
  type ModelConfig,
  type ModelOptions,
  type ModelSettings,
  modelDefaults,
  type SegmentationModel,
  type SnnConfig,
  SnnModel,
  type SnnSettings,
  SpikingState,
} from "./models/index.js";
export {
  type CompareOptions,
  type ConvertOptions,
  type ConvertRunResult,
  compareRuns,
  convertRun,
  type GivenOptions,
  type LoadedModel,
  type LoadModelOptions,
  loadModel,
  loadSegmenter,
  type OpenedRun,
  type OpenRunOptions,
  openRun,
  Prediction,
  type RankOptions,
  type ReportOptions,
  report,
  type SaveModelOptions,
  type Segmenter,
  type SegmenterOptions,
  type StreamOptions,
  saveModel,
  type TrainedNetwork,
  type TrainOptions,
  train,
  WindowPrediction,
} from "./runs/index.js";
export {
  type EvaluateOptions,
  type Evaluation,
  encodeInput,
  evaluate,
  type InputOptions,
  listRuns,
  type RunSummary,
  type StepResult,
  trainStep,
} from "./training/index.js";
