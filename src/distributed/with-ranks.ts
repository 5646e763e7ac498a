/** Work that several ranks do together, from joining to leaving. */

import { RankError } from "../errors.js";
import { type JoinOptions, joinRanks } from "./join-ranks.js";
import type { RankEnvironment } from "./rank-environment.js";
import type { RankGroup } from "./rank-group.js";

/**
 * Joins, does the work, and leaves. What this rank's work throws, the others throw as a RankError.
 *
 * @param work - what is passed on
 * @throws as {@link joinRanks} and `work`
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
