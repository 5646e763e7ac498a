/**
 * Parts of training and evaluation.
 *
 * @module snnseg/training
 */

export {
  type ClassCounts,
  classCounts,
  type EnlargeOptions,
  enlargedLabels,
  type FullSizeResult,
  FullSizeScores,
  type LossOptions,
  labelTensor,
  type Scored,
  SegmentationLoss,
} from "../training/index.js";
