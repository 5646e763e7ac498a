/** A curve of any length in memory of fixed size. */

/** Kept of a longer series: more than a chart has pixels to tell apart. */
const mostItems = 512;

/**
 * All items while they are few; of many, every 2nd, 4th, 8th … so that at most `limit` are kept, and always the newest.
 */
export class ThinnedSeries<T> {
  readonly #limit: number;
  #kept: T[] = [];
  #newest: T | undefined;
  #count = 0;
  #stride = 1;

  /** @param limit - items kept beside the newest, at least 2 */
  constructor(limit = mostItems) {
    this.#limit = limit;
  }

  /** Items pushed, kept or not. */
  get count(): number {
    return this.#count;
  }

  /** What is kept, oldest first. */
  get items(): readonly T[] {
    const newest = this.#newest;
    return newest === undefined || newest === this.#kept.at(-1) ? this.#kept : [...this.#kept, newest];
  }

  push(item: T & NonNullable<unknown>): void {
    this.#newest = item;
    if (this.#count % this.#stride === 0) this.#kept.push(item);
    this.#count += 1;
    if (this.#kept.length <= this.#limit) return;
    this.#kept = this.#kept.filter((_, i) => i % 2 === 0);
    this.#stride *= 2;
  }
}
