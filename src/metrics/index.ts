// Counting

// How sure a score is, and other views on quality
export { bootstrapIoU, type Interval, type IoUIntervals } from "./bootstrap.js";
export { BoundaryIoU, bandWidth } from "./boundary-iou.js";
export { Calibration, type CalibrationBin } from "./calibration.js";
// What a network has to beat
export { commonestClass, constantPredictionScores, countClassPixels } from "./class-pixels.js";
export { ConfusionMatrix, type LabelArray, voidLabel } from "./confusion-matrix.js";
export {
  addCounts,
  classIoU,
  countImage,
  emptyCounts,
  type ImageCounts,
  meanIoUOf,
  sumCounts,
} from "./per-image-counts.js";
export { type PixelCounts, pixelCounts } from "./pixel-counts.js";
// Scores
export { type Scores, scoresOf } from "./scores.js";
