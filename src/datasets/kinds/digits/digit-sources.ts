/** What the composed examples of `digits` are made from. */

import { openCifar10 } from "./cifar10.js";
import { openDigitPool } from "./digit-pool.js";
import type { DigitsSpec } from "./digits.js";

/** The material of one split. */
export interface DigitSources {
  /** No digit and no picture is in both. */
  readonly split: "train" | "val";
  /** How many handwritten digits 0 … 9 there are. */
  readonly digits: readonly number[];
  /** How many pictures each class of CIFAR-10 has; `undefined` where textures are generated. */
  readonly backgrounds: readonly number[] | undefined;
}

/**
 * Counts what the examples of a split are composed of.
 *
 * @param spec - where MNIST and CIFAR-10 lie
 * @param split - `train` or `val`
 * @throws FileError or DataFormatError if files are missing or damaged
 */
export async function digitSources(
  { mnist, cifar10 }: DigitsSpec,
  split: "train" | "val",
): Promise<DigitSources> {
  const pool = await openDigitPool(mnist, split === "train");
  const digits = Array.from({ length: 10 }, (_, digit) => pool.count(digit));
  const photos = cifar10 === undefined ? undefined : await openCifar10(cifar10, split === "train");
  return { split, digits, backgrounds: photos?.byClass };
}
