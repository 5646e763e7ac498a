/** Ctrl-C, and a polite request to end, as an abort signal. */

const signals = ["SIGINT", "SIGTERM"] as const;

/** Listens only while somebody has asked for its signal. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #onSignal = () => {
    if (this.#controller.signal.aborted) process.exit(130);
    this.#controller.abort();
  };
  #taken = false;

  get happened(): boolean {
    return this.#controller.signal.aborted;
  }

  /** From now on the first signal aborts and the second one ends the process. */
  take(): AbortSignal {
    if (!this.#taken) for (const name of signals) process.on(name, this.#onSignal);
    this.#taken = true;
    return this.#controller.signal;
  }

  release(): void {
    for (const name of signals) process.off(name, this.#onSignal);
  }
}
