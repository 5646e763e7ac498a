/** A training step's part of a batch that several ranks share. */
import type { RankGroup } from "../distributed/index.js";
import type { Tensor } from "../engine/index.js";
import type { LayerSpikes } from "../models/index.js";
import { withSpikes } from "./flat-spikes.js";

/** What `trainStep` needs of the other ranks. */
export interface StepRanks {
  /** All ranks; its `reduceGradients` was called with the optimizer's parameters. */
  readonly group: RankGroup;
  /**
   * What this rank's part weighs of the whole batch, in [0, 1]: by labelled pixels, or by their classes' weights. The batch's loss is
   * the mean of the ranks' by these.
   */
  readonly share: number;
  /** Whether this rank's spikes count: where every rank has the whole batch, those of one do. */
  readonly counts: boolean;
  /** Batch norm's running statistics, which are averaged after the step where norms are local. */
  readonly statistics: readonly Tensor[];
}

/** Adds up over all ranks what a forward pass told: the loss, each rank's weighed already, and the spikes. */
export function sumOfRanks(
  { group, counts }: StepRanks,
  { loss, activity }: { readonly loss: number; readonly activity: readonly LayerSpikes[] },
): { readonly loss: number; readonly activity: readonly LayerSpikes[] } {
  const spikes = activity.flatMap((layer) => layer.spikes.map((count) => (counts ? count : 0)));
  const [total = Number.NaN, ...all] = group.sum([loss, ...spikes]);
  return { loss: total, activity: withSpikes(activity, all) };
}
