/** What the composed examples of `digits` are made from. */

import { openCifar10 } from "./cifar10.js";
import { openDigitPool } from "./digit-pool.js";
import type { DigitsSpec } from "./digits.js";

/** The material of one split. */
export interface DigitSources {
  readonly split: "train" | "val";
  /** Handwritten digits 0 … 9. */
  readonly digits: readonly number[];
  /** CIFAR-10's pictures by class; `undefined` where textures are generated. */
  readonly backgrounds: readonly number[] | undefined;
}

/** @throws FileError or DataFormatError if files are missing or damaged */
export async function digitSources(
  { mnist, cifar10 }: DigitsSpec,
  split: "train" | "val",
): Promise<DigitSources> {
  const pool = await openDigitPool(mnist, split === "train");
  const digits = Array.from({ length: 10 }, (_, digit) => pool.count(digit));
  const photos = cifar10 === undefined ? undefined : await openCifar10(cifar10, split === "train");
  return { split, digits, backgrounds: photos?.byClass };
}
