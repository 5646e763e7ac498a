/** The decoder of FCN. Networks differ in how they hold weights, scores and time; the order is here. */
import { add, resizeBilinear, scope, type Tensor } from "../../engine/index.js";
import type { PlannedStage } from "./plan-network.js";
import { sizeOf } from "./shapes.js";

/** What a network does at a stage. Axes before the channels are the batch's, or time's and the batch's in one. */
export interface DecoderSteps<Stage extends PlannedStage> {
  /**
   * The stage's transposed convolution: `[N, K, h, w]` → `[N, K, 2h+1, 2w+1]`.
   *
   * @param stage - whose weights to take
   * @param x - what the stage below passed, or the deepest scores
   */
  readonly raise: (stage: Stage, x: Tensor) => Tensor;
  /** Scores of the skip that the stage adds, `[N, K, H, W]`. @param stage - which names it */
  readonly scoresOf: (stage: Stage) => Tensor;
  /**
   * From the sum to what the next stage reads.
   *
   * @param stage - whose neurons to run, if any
   * @param sum - `[N, K, H, W]`
   */
  readonly pass: (stage: Stage, sum: Tensor) => Tensor;
}

/**
 * The decoder of FCN, from the deepest scores up:
 *
 *     x ← pass(resize(up(x)) + scores(skip))   for every stage
 *
 * @param x - what the first of the stages reads, `[N, K, h, w]`
 * @param stages - from the deepest up, all or the first few
 * @param steps - what the network does at each
 * @returns what the last of them passed
 * @see Long, Shelhamer & Darrell 2015, arXiv:1411.4038
 */
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
