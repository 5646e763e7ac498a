/** Trained runs as a library: opened, asked, converted, compared, and moved between programs. */

// Opening

export { type Listener, type Stage, type StagePlan, stageOf } from "./listener.js";
export {
  type LoadedModel,
  type LoadModelOptions,
  loadModel,
  type SaveModelOptions,
  saveModel,
} from "./load-model.js";
export {
  type GivenOptions,
  loadRun,
  type OpenedRun,
  type OpenRunOptions,
  openRun,
  restoredNetwork,
} from "./open-run.js";
export { openTrainedRun, resultWarnings, type TrainedRun } from "./trained-run.js";

// Training

export { type SettledRun, settleRun } from "./settle-run.js";
export { Tracking } from "./tracking.js";
export { type TrainOptions, train } from "./train/train.js";
export {
  type RankOptions,
  type TrainedNetwork,
  type TrainingOrder,
  type TrainNetworkOptions,
  trainNetwork,
} from "./train/train-network.js";

// What a training leaves

export { warnOf } from "./suspicion-warnings.js";
export { examplePicture, writeResults } from "./write-results.js";

// Asking about pictures and recordings

export { type Failed, failedError, failedJson } from "./predict/failed-inputs.js";
export { knownError } from "./predict/known-error.js";
export { pictureFiles } from "./predict/picture-files.js";
export type { PredictOptions } from "./predict/predict-options.js";
export { type PictureAnswer, predictPictures } from "./predict/predict-pictures.js";
export { predictRecordings, type RecordingAnswer, type WindowAnswer } from "./predict/predict-recordings.js";
export { openPredictor, type Predictor, type PredictorOptions } from "./predict/predictor.js";
export type { Answer, StepAnswer } from "./predict/write-answer.js";

// A network that answers, off the event loop

export { Prediction, WindowPrediction } from "./segmenter/prediction.js";
export {
  loadSegmenter,
  type Segmenter,
  type SegmenterOptions,
  type StreamOptions,
} from "./segmenter/segmenter.js";

// Comparison

export { type Baselines, baselineRows, openBaselines } from "./compare/baselines.js";
export { type CompareOptions, compareRuns } from "./compare/compare-runs.js";
export { type ReportOptions, report } from "./compare/report.js";

// Conversion

export type { AnnCheckpoint } from "./convert/ann-checkpoint.js";
export type { CalibrationOrigin } from "./convert/calibration-images.js";
export { type ConvertOptions, convertDefaults } from "./convert/convert-options.js";
export {
  type ConversionListener,
  type ConversionScores,
  type ConvertRunResult,
  convertRun,
} from "./convert/convert-run.js";
export type { DescribedConversion } from "./convert/describe-conversion.js";
export { layerHead, layerRows } from "./convert/layer-rows.js";
export type { MethodCurve } from "./convert/method-curves.js";

// Robustness

export { robustnessCsv } from "./robustness/robustness-csv.js";
export { robustnessFile, saveRobustness } from "./robustness/stored-robustness.js";
export {
  type RunRobustness,
  type Sweep,
  type SweepOptions,
  sweepRobustness,
} from "./robustness/sweep-robustness.js";

// Other programs

export { exportWeights, type Layout, type WrittenWeights } from "./exchange/export-weights.js";
export { importOptions } from "./exchange/import-options.js";
export { type ImportedWeights, importWeights } from "./exchange/import-weights.js";
export { type MigrateOptions, migrateWeights } from "./exchange/migrate-weights.js";
export { inOurLayout, type OpenedArrays, openArrays, titleOf } from "./exchange/open-arrays.js";
export { type ExportedRun, type ExportRunOptions, exportRun, livePageOf } from "./export/export-run.js";
