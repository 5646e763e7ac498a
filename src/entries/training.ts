/**
 * Parts of training and evaluation.
 *
 * @module snnseg/training
 */

export { type JoinOptions, type RankGroup, type RankOf, withRanks } from "../distributed/index.js";
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
  type StepRanks,
} from "../training/index.js";
