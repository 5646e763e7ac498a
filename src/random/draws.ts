/** A cursor over one random stream, for code that draws a varying number of values. */
import { checkSeed } from "../checks/web.js";
import { integer, normal, uniform } from "./distributions.js";

/** Draws numbers from consecutive positions of a stream; two cursors on one seed give the same numbers. */
export class Draws {
  readonly #seed: number;
  #position = 0;

  /** @throws OptionError unless the seed is an integer from 0 to 2⁵³ − 1 */
  constructor(seed: number) {
    checkSeed("Draws", seed);
    this.#seed = seed;
  }

  /** In [0, 1). */
  uniform(): number {
    return uniform(this.#seed, this.#position++);
  }

  /** In [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** In 0 … bound − 1. */
  integer(bound: number): number {
    return integer(this.#seed, this.#position++, bound);
  }

  /** Standard normal; uses two positions. */
  normal(): number {
    this.#position += this.#position % 2;
    const value = normal(this.#seed, this.#position / 2);
    this.#position += 2;
    return value;
  }

  /** True with probability p. */
  chance(p: number): boolean {
    return this.uniform() < p;
  }
}
