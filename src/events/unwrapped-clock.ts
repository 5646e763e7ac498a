/** Times of counters that run over. */

/**
 * Continues a counter of a fixed number of values: a fall by more than half of them is a new round, a rise by more than
 * half a late value of the round before. Smaller steps back are jitter.
 */
export class UnwrappedClock {
  readonly #values: number;
  #last = 0;
  #base = 0;

  constructor(bits: number) {
    this.#values = 2 ** bits;
  }

  /** The count since the first round's zero. */
  next(count: number): number {
    const step = count - this.#last;
    if (step < -this.#values / 2) this.#base += this.#values;
    else if (step > this.#values / 2 && this.#base > 0) this.#base -= this.#values;
    this.#last = count;
    return this.#base + count;
  }

  /** A clock of its own that goes on from here. */
  copy(): UnwrappedClock {
    const copied = new UnwrappedClock(Math.log2(this.#values));
    copied.#last = this.#last;
    copied.#base = this.#base;
    return copied;
  }
}
