/** Scores of predicted label maps. */

// Labels

export { countClassPixels } from "./count-class-pixels.js";
export { maxClasses, voidLabel } from "./void-label.js";

// Counts and scores

export { ConfusionMatrix, type LabelArray } from "./confusion-matrix.js";
export { type PixelCounts, pixelCounts } from "./pixel-counts.js";
export { type Scores, scoresOf } from "./scores.js";

// What a network has to beat

export { commonestClass, constantPredictionScores } from "./majority-baseline.js";

// How sure a score is, and other views on quality

export {
  bootstrapDifference,
  bootstrapIoU,
  bootstrapMean,
  bootstrapMeanDifference,
  type Interval,
  type IoUDifference,
  type IoUIntervals,
  type MeanIoU,
  type Resampling,
} from "./bootstrap.js";
export { BoundaryIoU, bandWidth } from "./boundary-iou.js";
export { Calibration, type CalibrationBin } from "./confidence-calibration.js";
export {
  addCounts,
  classIoU,
  countImage,
  emptyCounts,
  type ImageCounts,
  meanIoUOf,
  sumCounts,
} from "./per-image-counts.js";
export { standardDeviation, studentInterval } from "./student-interval.js";
