/** Time and images of one stretch of work. */
import type { TimeRecord } from "./records.js";

/** Runs from when it is made. */
export class Stopwatch {
  images = 0;
  waitingShare = 0;
  readonly #start = performance.now();

  record(): TimeRecord {
    const seconds = (performance.now() - this.#start) / 1000;
    return {
      seconds,
      imagesPerSecond: this.images / Math.max(seconds, 1e-9),
      waitingShare: this.waitingShare,
    };
  }
}
