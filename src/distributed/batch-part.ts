/** Which examples of a batch are a rank's. */
import { OptionError } from "../errors.js";

/** A rank among all. */
export interface RankOf {
  /** From 0. */
  readonly rank: number;
  /** How many ranks there are. */
  readonly world: number;
}

/**
 * A rank's examples of a batch: parts of equal length in the order of ranks, the first ones longer by one where they do not come
 * out even.
 *
 * @param count - examples of the batch
 * @returns the first one, and the one after the last; of a batch with fewer examples than ranks some parts are empty
 */
export function batchPart(count: number, { rank, world }: RankOf): readonly [begin: number, end: number] {
  const [each, longer] = [Math.floor(count / world), count % world];
  const begin = rank * each + Math.min(rank, longer);
  return [begin, begin + each + (rank < longer ? 1 : 0)];
}

/**
 * The same for training, where batch norm needs examples on every rank: a batch with fewer than there are ranks is every rank's
 * whole, and their gradients' mean is the batch's.
 */
export function trainingPart(count: number, place: RankOf): readonly [begin: number, end: number] {
  return isShared(count, place) ? batchPart(count, place) : [0, count];
}

/**
 * Checks that a batch has an example for each rank: with fewer of them all ranks would do the same work.
 *
 * @throws OptionError if not
 */
export function checkShares(batchSize: number, world: number): void {
  if (batchSize >= world) return;
  throw new OptionError(
    `ranks: expected an example of every batch for each of ${world} ranks, received --batch-size ${batchSize}; raise it, or start fewer ranks`,
  );
}

/** Whether the ranks share a training batch of so many examples; otherwise each of them has the whole. */
export function isShared(count: number, { world }: RankOf): boolean {
  return count >= world;
}
