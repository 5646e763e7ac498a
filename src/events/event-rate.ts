/** How many events a recording has over time, in one pass and a fixed amount of memory. */
import type { EventBatch } from "./event-batch.js";

/** Events in equal stretches of time, from the first event on. */
export interface EventRate {
  /** Time of the first event of the file in microseconds; 0 without events. */
  readonly startUs: number;
  /** Length of a stretch in microseconds. */
  readonly binUs: number;
  /** Brighter events in each stretch. */
  readonly on: readonly number[];
  /** Darker events in each stretch. */
  readonly off: readonly number[];
}

const capacity = 4096;

/**
 * Counts events into at most `capacity` stretches; when time runs out of them, neighbours are added up and every
 * stretch is twice as long. Events before the first one of the file count into the first stretch.
 */
export class EventRateCounter {
  #startUs: number | undefined;
  #binUs = 1;
  #used = 0;
  readonly #on = new Float64Array(capacity);
  readonly #off = new Float64Array(capacity);

  /**
   * Counts the next events of the recording.
   *
   * @param batch - not changed
   */
  add({ timestampsUs, polarity, length }: EventBatch): void {
    for (let i = 0; i < length; i++) {
      const timeUs = timestampsUs[i] as number;
      this.#startUs ??= timeUs;
      const elapsedUs = Math.max(0, timeUs - this.#startUs);
      while (elapsedUs >= this.#binUs * capacity) this.#double();
      const bin = Math.floor(elapsedUs / this.#binUs);
      this.#used = Math.max(this.#used, bin + 1);
      const counts = polarity[i] === 1 ? this.#on : this.#off;
      counts[bin] = (counts[bin] as number) + 1;
    }
  }

  /**
   * The counts so far in at most `most` stretches.
   *
   * @param most - 1 or more
   */
  rate(most: number): EventRate {
    const together = Math.max(1, Math.ceil(this.#used / most));
    const sums = (counts: Float64Array) =>
      Array.from({ length: Math.ceil(this.#used / together) }, (_, i) =>
        counts.subarray(i * together, (i + 1) * together).reduce((a, b) => a + b, 0),
      );
    const [on, off] = [sums(this.#on), sums(this.#off)];
    return { startUs: this.#startUs ?? 0, binUs: this.#binUs * together, on, off };
  }

  #double(): void {
    for (const counts of [this.#on, this.#off]) {
      for (let i = 0; i < capacity / 2; i++) {
        counts[i] = (counts[2 * i] as number) + (counts[2 * i + 1] as number);
      }
      counts.fill(0, capacity / 2);
    }
    this.#used = Math.ceil(this.#used / 2);
    this.#binUs *= 2;
  }
}
