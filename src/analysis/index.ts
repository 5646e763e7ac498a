/** Looking closely at trained networks: quality, cost, and how they hold up. */

export { type AnalyzeOptions, analyzeRun, type RunAnalysis, type TrainedNetwork } from "./analyze-run.js";
export { Anytime, type AnytimeCurve } from "./anytime.js";
export { confidences } from "./confidences.js";
export { ImageScores, type Quality } from "./image-scores.js";
