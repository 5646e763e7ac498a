/**
 * Events of an event camera as columns: event i says that the brightness at pixel (x[i], y[i]) rose (polarity 1) or
 * fell (polarity 0) at timestampsUs[i].
 */

/**
 * A run of events in the order of the recording. All columns have `length` entries.
 *
 * Times are microseconds in float64: exact for integers to 2^53 (285 years), so absolute Unix times fit, and plain
 * arithmetic works on them, which BigInt64Array would not allow.
 */
export interface EventBatch {
  /** Time in microseconds, on the recording's own clock; mostly rising. */
  readonly timestampsUs: Float64Array;
  /** Column, from the left. */
  readonly x: Uint16Array;
  /** Row, from the top as the format counts it. */
  readonly y: Uint16Array;
  /** 1 brighter (on), 0 darker (off). */
  readonly polarity: Uint8Array;
  /** Number of events. */
  readonly length: number;
}

/**
 * The events `start` ≤ i < `end` of a batch, as views on the same memory.
 *
 * @param batch - not changed, but shared
 * @param start - index of the first event
 * @param end - index after the last event
 */
export function subBatch(batch: EventBatch, start: number, end: number): EventBatch {
  return {
    timestampsUs: batch.timestampsUs.subarray(start, end),
    x: batch.x.subarray(start, end),
    y: batch.y.subarray(start, end),
    polarity: batch.polarity.subarray(start, end),
    length: Math.max(0, Math.min(end, batch.length) - start),
  };
}

/** Collects events one by one or batch by batch; memory doubles as needed. */
export class EventCollector {
  #timestampsUs: Float64Array;
  #x: Uint16Array;
  #y: Uint16Array;
  #polarity: Uint8Array;
  /** Number of events collected since the last {@link EventCollector.take}. */
  length = 0;

  /** @param capacity - events that there is room for at first (default 1024) */
  constructor(capacity = 1024) {
    this.#timestampsUs = new Float64Array(capacity);
    this.#x = new Uint16Array(capacity);
    this.#y = new Uint16Array(capacity);
    this.#polarity = new Uint8Array(capacity);
  }

  /**
   * Adds one event.
   *
   * @param timestampUs - microseconds
   * @param x - column, 0 … 65535
   * @param y - row, 0 … 65535
   * @param polarity - 1 brighter, 0 darker
   */
  push(timestampUs: number, x: number, y: number, polarity: number): void {
    const i = this.length;
    if (i === this.#x.length) this.#reserve(i + 1);
    this.#timestampsUs[i] = timestampUs;
    this.#x[i] = x;
    this.#y[i] = y;
    this.#polarity[i] = polarity;
    this.length = i + 1;
  }

  /**
   * Adds the events of a batch.
   *
   * @param batch - copied, not changed
   */
  append(batch: EventBatch): void {
    this.#reserve(this.length + batch.length);
    this.#timestampsUs.set(batch.timestampsUs, this.length);
    this.#x.set(batch.x, this.length);
    this.#y.set(batch.y, this.length);
    this.#polarity.set(batch.polarity, this.length);
    this.length += batch.length;
  }

  /** The events collected so far as a batch of its own; the collector starts again empty. */
  take(): EventBatch {
    const batch = {
      timestampsUs: this.#timestampsUs.slice(0, this.length),
      x: this.#x.slice(0, this.length),
      y: this.#y.slice(0, this.length),
      polarity: this.#polarity.slice(0, this.length),
      length: this.length,
    };
    this.length = 0;
    return batch;
  }

  #reserve(count: number): void {
    const old = this.#x.length;
    if (count <= old) return;
    const capacity = Math.max(count, 2 * old);
    this.#timestampsUs = grown(this.#timestampsUs, new Float64Array(capacity));
    this.#x = grown(this.#x, new Uint16Array(capacity));
    this.#y = grown(this.#y, new Uint16Array(capacity));
    this.#polarity = grown(this.#polarity, new Uint8Array(capacity));
  }
}

function grown<A extends Float64Array | Uint16Array | Uint8Array>(old: A, larger: A): A {
  larger.set(old);
  return larger;
}
