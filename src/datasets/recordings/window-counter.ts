/** Windows of equal length that hold events, in one pass and no memory. */
import type { EventBatch } from "../../events/index.js";
import type { WindowShare } from "./recording-suspicions.js";

/** Counts windows from the first event on; a late event belongs to the window that is open. */
export class WindowCounter {
  readonly #windowUs: number;
  #endUs = Infinity;
  #all = 0;
  #full = 0;

  /** @param windowUs - length of a window in microseconds */
  constructor(windowUs: number) {
    this.#windowUs = windowUs;
  }

  /**
   * Takes the next events of the recording.
   *
   * @param batch - not changed
   */
  add({ timestampsUs, length }: EventBatch): void {
    for (let i = 0; i < length; i++) {
      const timeUs = timestampsUs[i]!;
      if (this.#all === 0) this.#open(1, timeUs);
      else if (timeUs >= this.#endUs) {
        this.#open(1 + Math.floor((timeUs - this.#endUs) / this.#windowUs), this.#endUs);
      }
    }
  }

  /** Opens the last of so many windows that follow each other from a time on. */
  #open(windows: number, startUs: number): void {
    this.#all += windows;
    this.#full++;
    this.#endUs = startUs + windows * this.#windowUs;
  }

  /** What was counted so far. */
  share(): WindowShare {
    return { windowUs: this.#windowUs, all: this.#all, empty: this.#all - this.#full };
  }
}
