/** Which examples come in which batch of an epoch. */
import { derive, permutation } from "../../random/index.js";

export interface OrderOptions {
  readonly length: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number;
  /** Leaves out a last batch that is not full. */
  readonly dropLast: boolean;
}

/** The number of batches of an epoch. */
export function batchCount({ length, batchSize, dropLast }: OrderOptions): number {
  return dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize);
}

/** The examples of every batch: a function of seed and epoch alone. */
export function batchOrder(options: OrderOptions, epoch: number): readonly (readonly number[])[] {
  const { length, batchSize, shuffle, seed } = options;
  const order = shuffle
    ? permutation(derive(seed, "shuffle", epoch), length)
    : Uint32Array.from({ length }, (_, i) => i);
  return Array.from({ length: batchCount(options) }, (_, b) => {
    return Array.from(order.subarray(b * batchSize, (b + 1) * batchSize));
  });
}
