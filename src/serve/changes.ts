/** What one reader has not been told yet. */

/**
 * The ids of runs that changed, each at most once however long their reader takes, so that a slow or stuck reader costs
 * no memory.
 */
export class Changes {
  #pending = new Set<string>();
  #closed = false;
  #wake: (() => void) | undefined;

  /** Whether nothing more will come. */
  get closed(): boolean {
    return this.#closed;
  }

  add(id: string): void {
    this.#pending.add(id);
    this.#wake?.();
  }

  /** Ends a wait, and all further ones. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** Waits for changes, at most so long. @returns all that are new; none after the time or the end */
  async next(mostMs: number): Promise<readonly string[]> {
    if (this.#pending.size === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, mostMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    const ids = [...this.#pending];
    this.#pending.clear();
    return ids;
  }
}
