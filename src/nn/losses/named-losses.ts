/** The losses that a run may be told by name. A new one is a line here. */
import { add, crossEntropy, scope, type Tensor } from "../../engine/index.js";
import { diceLoss } from "./dice-loss.js";
import { focalLoss } from "./focal-loss.js";
import { lovaszSoftmaxLoss } from "./lovasz-softmax-loss.js";

export interface LossSettings {
  /** The label of pixels that do not count. */
  readonly ignoreIndex: number;
  /** γ of focal loss. */
  readonly gamma: number;
  /** `[K]`, for those that begin with cross-entropy (default: 1 each). */
  readonly classWeights?: Tensor | undefined;
}

/** From `[N, K, H, W]` scores and `[N, H, W]` int64 labels to a scalar; NaN where every pixel is ignored. */
export type SegmentationLossFunction = (logits: Tensor, labels: Tensor, settings: LossSettings) => Tensor;

const plain: SegmentationLossFunction = (logits, labels, { ignoreIndex, classWeights }) =>
  crossEntropy(logits, labels, ignoreIndex, classWeights);

const sumOf =
  (a: SegmentationLossFunction, b: SegmentationLossFunction): SegmentationLossFunction =>
  (logits, labels, settings) =>
    scope("loss", () => add(a(logits, labels, settings), b(logits, labels, settings)));

export const segmentationLosses = {
  "cross-entropy": plain,
  focal: focalLoss,
  dice: diceLoss,
  lovasz: lovaszSoftmaxLoss,
  "cross-entropy+dice": sumOf(plain, diceLoss),
  "cross-entropy+lovasz": sumOf(plain, lovaszSoftmaxLoss),
} as const satisfies Record<string, SegmentationLossFunction>;

export type LossName = keyof typeof segmentationLosses;
export const lossNames = Object.keys(segmentationLosses) as LossName[];
