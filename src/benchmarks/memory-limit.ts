/** Keeps a growing benchmark below a limit of memory. */

/** Foretells the memory of a size from the largest one measured, as if it were proportional. */
export class MemoryLimit {
  readonly #bytes: number;
  #largest = { size: 0, bytes: 0 };

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** Whether work of this size should fit; the first always does. */
  allows(size: number): boolean {
    const largest = this.#largest;
    return largest.size === 0 || (largest.bytes / largest.size) * size <= this.#bytes;
  }

  /** Work of this size took so much. */
  learn(size: number, bytes: number): void {
    if (size >= this.#largest.size) this.#largest = { size, bytes };
  }
}
