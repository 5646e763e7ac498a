/** Whether a batch is large enough for batch norm to have statistics. */
import { ranksOfNorms } from "../../engine/index.js";
import { ShapeError } from "../../errors.js";
import type { NetworkPlan } from "./plan-network.js";
import { sizeOf } from "./shapes.js";
import { sizePlan } from "./size-plan.js";

/**
 * Checks that every normalised layer sees at least two values per channel: of a single one the mean is the value itself,
 * and what is left is 0 whatever the input. Where norms are synchronised each rank has one at least.
 *
 * @param input - `[..., N, C, H, W]`
 * @throws ShapeError naming the layer's map, and what helps
 */
export function checkBatchStatistics(plan: NetworkPlan, input: { readonly shape: readonly number[] }): void {
  if (ranksOfNorms() > 1) return;
  const batch = input.shape.at(-4) ?? 0;
  for (const layer of sizePlan(plan, sizeOf(input)).layers) {
    const [, height, width] = layer.output;
    if (layer.kind !== "conv" || batch * height * width !== 1) continue;
    throw new ShapeError(
      `batch norm of ${layer.name}: expected at least 2 values per channel in training, received one, as the batch is 1 ` +
        "and the map 1x1; raise --batch-size or --img-size (the last batch of an epoch may be smaller), take --no-batch-norm, " +
        "or on several ranks --sync-norm",
    );
  }
}
