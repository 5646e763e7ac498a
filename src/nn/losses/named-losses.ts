/** The losses that a run may be told by name. A new one is a line here. */
import { add, crossEntropy, scope, type Tensor } from "../../engine/index.js";
import { diceLoss } from "./dice-loss.js";
import { focalLoss } from "./focal-loss.js";
import { lovaszSoftmaxLoss } from "./lovasz-softmax-loss.js";
import { type OhemOptions, ohemCrossEntropy } from "./ohem-cross-entropy.js";

/** What a loss is told beside scores and labels. */
export interface LossSettings {
  /** The label of pixels that do not count. */
  readonly ignoreIndex: number;
  /** γ of focal loss, 0 or more; the others ignore it. */
  readonly gamma: number;
  /** θ and least share of hard pixels in (0, 1], of {@link ohemCrossEntropy}; the others ignore them. */
  readonly ohem: Pick<OhemOptions, "threshold" | "share">;
  /** `[K]`, for those that begin with cross-entropy (default: 1 each). */
  readonly classWeights?: Tensor | undefined;
}

/**
 * A loss: a scalar that carries gradients, NaN where every pixel is ignored.
 *
 * @param logits - scores before softmax, `[N, K, H, W]`
 * @param labels - `[N, H, W]` int64, 0 … K − 1 or `ignoreIndex`
 * @param settings - each loss reads those that it has
 */
export type SegmentationLossFunction = (logits: Tensor, labels: Tensor, settings: LossSettings) => Tensor;

const plain: SegmentationLossFunction = (logits, labels, { ignoreIndex, classWeights }) =>
  crossEntropy(logits, labels, ignoreIndex, classWeights);

const hardPixels: SegmentationLossFunction = (logits, labels, { ohem, ...settings }) =>
  ohemCrossEntropy(logits, labels, { ...ohem, ...settings });

const sumOf =
  (a: SegmentationLossFunction, b: SegmentationLossFunction): SegmentationLossFunction =>
  (logits, labels, settings) =>
    scope("loss", () => add(a(logits, labels, settings), b(logits, labels, settings)));

/** The losses by name. */
export const segmentationLosses = {
  /** `crossEntropy`, with class weights if there are any. */
  "cross-entropy": plain,
  /** {@link ohemCrossEntropy}. */
  "cross-entropy-ohem": hardPixels,
  /** {@link focalLoss}. */
  focal: focalLoss,
  /** {@link diceLoss}. */
  dice: diceLoss,
  /** {@link lovaszSoftmaxLoss}. */
  lovasz: lovaszSoftmaxLoss,
  /** The sum of both. */
  "cross-entropy+dice": sumOf(plain, diceLoss),
  /** The sum of both. */
  "cross-entropy+lovasz": sumOf(plain, lovaszSoftmaxLoss),
} as const satisfies Record<string, SegmentationLossFunction>;

/** The name of one of {@link segmentationLosses}. */
export type LossName = keyof typeof segmentationLosses;
/** All of them, as `--loss` offers them. */
export const lossNames = Object.keys(segmentationLosses) as LossName[];
