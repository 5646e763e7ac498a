/**
 * Parts of training and evaluation.
 *
 * @module snnseg/training
 */

export {
  AuxiliaryHead,
  type AuxiliaryHeadOptions,
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
