/** Training and evaluation, and the folder that a run leaves behind. */

export { atTimesteps } from "./at-timesteps.js";
export { AuxiliaryHead, type AuxiliaryHeadOptions } from "./auxiliary-head.js";
export {
  type CheckpointMeta,
  loadTrained,
  metaJson,
  type OwnParts,
  readTrainedMeta,
  type TrainedCheckpoint,
} from "./checkpoint-meta.js";
export { type ClassCounts, classCounts } from "./class-counts.js";
export { augmentationOf, datasetSpecOf, splitsOf } from "./data-config.js";
export { encodeInput, type InputOptions } from "./encode-input.js";
export { type EnlargeOptions, enlargedLabels } from "./enlarged-labels.js";
export { type EvaluateOptions, type Evaluation, evaluate, resultOf } from "./evaluate.js";
export { evaluationSeeds } from "./evaluation-seeds.js";
export { evaluationWarnings, type Scored, silentWarning } from "./evaluation-warnings.js";
export { createEvalLoader, createExperiment, createTrainLoader, type Experiment } from "./experiment.js";
export { fitToTime, type TrainingSize } from "./fit-to-time.js";
export { type FullSizeResult, FullSizeScores } from "./full-size-scores.js";
export { initialLayer } from "./initial-network.js";
export { MetricsLog, readMetrics } from "./metrics-log.js";
export { checkTrainable, computingOf, modelConfigOf, networkOptions } from "./network-from-config.js";
export { optionsInForce } from "./options-in-force.js";
export { ownThresholds } from "./own-thresholds.js";
export { chosenExamples, type PredictedExample, predictExamples } from "./predict-examples.js";
export type { Progress } from "./progress.js";
export type {
  EpochRecord,
  EvaluationRecord,
  EvaluationResult,
  MetricsRecord,
  TimeRecord,
} from "./records.js";
export { resumedConfig } from "./resume-config.js";
export {
  checkFresh,
  freshRunPath,
  RunFolder,
  type RunRecord,
  readRunRecord,
  runLayer,
  runRecordOf,
  runsFolder,
  writeRunRecord,
} from "./run-folder.js";
export { listRuns, type RunSummary, runPath } from "./run-list.js";
export { lockRun } from "./run-lock.js";
export { type LossOptions, SegmentationLoss } from "./segmentation-loss.js";
export { settleStatistics } from "./settle-statistics.js";
export { resumeRun, type StartedRun, startRun } from "./start-run.js";
export type { StepRanks } from "./step-ranks.js";
export { secondsPerStep } from "./step-time.js";
export { Stopwatch } from "./stopwatch.js";
export { type TrainingObserver, type TrainingOutcome, type TrainingSetup, trainRun } from "./train-run.js";
export { labelTensor, type StepResult, trainStep } from "./train-step.js";
export { machineKeys, restoreWeights } from "./training-state.js";
