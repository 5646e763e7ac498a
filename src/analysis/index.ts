/** Looking closely at trained networks: quality, cost, and how they hold up. */

export { type AnalyzeOptions, analyzeRun, type RunAnalysis, type TrainedNetwork } from "./analyze-run.js";
export { Anytime, type AnytimeCurve } from "./anytime.js";
export { type AttackOptions, attackBatch, type ChannelRange } from "./attack.js";
export { confidences } from "./confidences.js";
export {
  type DisturbanceKind,
  type DisturbedNetwork,
  type DisturbedResult,
  disturbances,
  disturbedResult,
  isRandom,
} from "./disturb.js";
export { ImageScores, type Quality } from "./image-scores.js";
export { type EnergyMeasurement, type MeasureEnergyOptions, measureEnergy } from "./measure-energy.js";
export { annRows, type NetworkRow, spikingRows } from "./network-rows.js";
export {
  type DisturbedScores,
  type RobustnessCurve,
  type RobustnessPoint,
  robustnessCurve,
} from "./robustness.js";
