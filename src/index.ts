/**
 * snnseg: spiking neural networks for semantic segmentation.
 *
 * The whole things are here: networks, training, scores, conversion, energy, answers about pictures. Their parts lie in entries of
 * their own: `snnseg/ops`, `/nn`, `/neurons`, `/models`, `/data`, `/events`, `/metrics`, `/training`, `/conversion`, `/energy`,
 * `/io`, `/kernels` and `/runs`. Each name has one home.
 *
 * @module snnseg
 */

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
  type SegmentationDataset,
  voidLabel,
} from "./datasets/index.js";
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
  ShapeError,
  SnnsegError,
} from "./errors.js";
export { type FusedSnn, type FuseOptions, fuseSnn } from "./inference/index.js";
export { ConfusionMatrix, type Scores, scoresOf } from "./metrics/index.js";
export {
  type AnnConfig,
  AnnModel,
  createModel,
  type ModelConfig,
  type ModelOptions,
  modelDefaults,
  type SegmentationModel,
  type SnnConfig,
  SnnModel,
  SpikingState,
} from "./models/index.js";
export {
  type CompareOptions,
  type ConvertOptions,
  type ConvertRunResult,
  compareRuns,
  convertRun,
  type GivenOptions,
  loadSegmenter,
  type OpenedRun,
  type OpenRunOptions,
  openRun,
  Prediction,
  type Segmenter,
  type SegmenterOptions,
  type StreamOptions,
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
