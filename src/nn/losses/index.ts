/** Losses of segmentation beside cross-entropy. */
export { logWeights, medianFrequencyWeights } from "./class-weights.js";
export { diceLoss } from "./dice-loss.js";
export { focalLoss } from "./focal-loss.js";
export { lovaszSoftmaxLoss } from "./lovasz-softmax-loss.js";
export {
  type LossName,
  type LossSettings,
  lossNames,
  type SegmentationLossFunction,
  segmentationLosses,
} from "./named-losses.js";
export { type OhemOptions, ohemCrossEntropy } from "./ohem-cross-entropy.js";
export { type PerStepOptions, perStepLoss } from "./per-step-loss.js";
