/**
 * Scores, and how sure they are.
 *
 * @module snnseg/metrics
 */

export {
  addCounts,
  BoundaryIoU,
  bandWidth,
  bootstrapDifference,
  bootstrapIoU,
  Calibration,
  type CalibrationBin,
  classIoU,
  commonestClass,
  constantPredictionScores,
  countClassPixels,
  countImage,
  emptyCounts,
  type ImageCounts,
  type Interval,
  type IoUDifference,
  type IoUIntervals,
  type LabelArray,
  meanIoUOf,
  type PixelCounts,
  pixelCounts,
  sumCounts,
} from "../metrics/index.js";
