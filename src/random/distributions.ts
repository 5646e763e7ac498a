/** Uniform, integer and normal numbers, permutations: each a pure function of seed and index. */
import { checkInteger, checkSeed } from "../checks/web.js";
import { randomBits } from "./hash.js";

const LANE = 2 ** 32;

/** A number in [0, 1), a multiple of 2⁻³². */
export function uniform(seed: number, index: number): number {
  return randomBits(seed, index) / LANE;
}

/** A number in [low, high). */
export function uniformBetween(seed: number, index: number, range: readonly [number, number]): number {
  return range[0] + (range[1] - range[0]) * uniform(seed, index);
}

/** An integer in 0 … bound − 1, bound at most 2³²; the bias is below bound / 2³². @throws OptionError if it is not */
export function integer(seed: number, index: number, bound: number): number {
  checkInteger("random", "bound", bound, { most: LANE });
  return Math.floor(uniform(seed, index) * bound);
}

/**
 * A standard normal number.
 *
 *     z = √(−2·ln(1 − u₁))·cos(2π·u₂)        Box & Muller 1958; u₁, u₂ at 2·index and 2·index + 1
 */
export function normal(seed: number, index: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(seed, 2 * index)));
  return radius * Math.cos(2 * Math.PI * uniform(seed, 2 * index + 1));
}

/** A random order of 0 … length − 1 (Fisher & Yates). @throws OptionError if seed or length is no integer of 0 or more */
export function permutation(seed: number, length: number): Uint32Array {
  checkSeed("permutation", seed);
  checkInteger("permutation", "length", length, { least: 0, most: LANE - 1 });
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = integer(seed, i, i + 1);
    const swapped = order[i] as number;
    order[i] = order[j] as number;
    order[j] = swapped;
  }
  return order;
}

/** The items in a random order; the input is not changed. */
export function shuffled<T>(seed: number, items: readonly T[]): T[] {
  return Array.from(permutation(seed, items.length), (i) => items[i] as T);
}
