/**
 * The decoder of FCN (Long et al. 2015, arXiv:1411.4038), from the deepest scores up:
 *
 *     x ← pass(resize(up(x)) + scores(skip))   for every stage
 *
 * Networks differ in how they hold weights, scores and time; the order is here.
 */
import { add, resizeBilinear, scope, type Tensor } from "../../engine/index.js";
import type { PlannedStage } from "./plan-network.js";
import { sizeOf } from "./shapes.js";

/** What a network does at a stage. Axes before the channels are the batch's, or time's and the batch's in one. */
export interface DecoderSteps<Stage extends PlannedStage> {
  /** The stage's transposed convolution: `[N, K, h, w]` → `[N, K, 2h+1, 2w+1]`. */
  readonly raise: (stage: Stage, x: Tensor) => Tensor;
  /** Scores of the skip that the stage adds, `[N, K, H, W]`. */
  readonly scoresOf: (stage: Stage) => Tensor;
  /** From the sum to what the next stage reads. */
  readonly pass: (stage: Stage, sum: Tensor) => Tensor;
}

/** @param x - what the first of the stages reads */
export function walkDecoder<Stage extends PlannedStage>(
  x: Tensor,
  stages: readonly Stage[],
  { raise, scoresOf, pass }: DecoderSteps<Stage>,
): Tensor {
  let scores = x;
  for (const stage of stages) {
    scores = scope("decoder stage", () => {
      const skip = scoresOf(stage);
      return pass(stage, add(resizeBilinear(raise(stage, scores), sizeOf(skip)), skip));
    });
  }
  return scores;
}
