/** Work that several ranks do together, from joining to leaving. */

import { RankError } from "../errors.js";
import { type JoinOptions, joinRanks } from "./join-ranks.js";
import type { RankEnvironment } from "./rank-environment.js";
import type { RankGroup } from "./rank-group.js";

/**
 * Joins, does the work, and leaves. What this rank's work throws, the others throw as a RankError.
 *
 * @param place - as `rankEnvironment` reads it
 * @param options - what must be equal on all ranks, and how long they wait for each other
 * @param work - what it returns is passed on
 * @throws as `joinRanks`: OptionError naming what is wrong with the set-up; RankError naming a rank that is missing; what `work` throws
 * @example
 * // not run: needs several processes, such as those of torchrun
 * import { rankEnvironment } from "snnseg";
 * import { withRanks } from "snnseg/training";
 *
 * const place = rankEnvironment(process.env);
 * if (place !== undefined)
 *   await withRanks(place, { identity: { task: "count" } }, async (ranks) => console.log(ranks.sum([ranks.rank])));
 */
export async function withRanks<T>(
  place: RankEnvironment,
  options: JoinOptions,
  work: (ranks: RankGroup) => Promise<T>,
): Promise<T> {
  using ranks = await joinRanks(place, options);
  try {
    return await work(ranks);
  } catch (error) {
    if (!(error instanceof RankError)) ranks.fault(error instanceof Error ? error.message : String(error));
    throw error;
  }
}
