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
  bootstrapMean,
  bootstrapMeanDifference,
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
  type MeanIoU,
  meanIoUOf,
  type PixelCounts,
  pixelCounts,
  type Resampling,
  standardDeviation,
  studentInterval,
  sumCounts,
} from "../metrics/index.js";
