/** Events of a short time in their order. */
import type { EventCollector } from "../event-batch.js";

const digitBits = 8;
const digits = 2 ** digitBits;

/** The longest time, in microseconds, whose events can be put in order. */
export const longestSpanUs = 2 ** 32 - 1;

/** Takes in events in any order, and gives them in the order of their times; memory is kept from time to time. */
export class TimeOrder {
  #delays = new Uint32Array(1024);
  #senders = new Uint32Array(1024);
  #otherDelays = new Uint32Array(1024);
  #otherSenders = new Uint32Array(1024);
  #length = 0;
  readonly #starts = new Uint32Array(digits);

  /**
   * Takes in an event.
   *
   * @param delayUs - whole microseconds since the beginning of the time, 0 to {@link longestSpanUs}
   * @param sender - 2·pixel + polarity, below 2³²
   */
  push(delayUs: number, sender: number): void {
    const i = this.#length;
    if (i === this.#delays.length) this.#grow();
    this.#delays[i] = delayUs;
    this.#senders[i] = sender;
    this.#length = i + 1;
  }

  /**
   * Appends the events in the order of their times; those of one microsecond in that in which they came. A radix sort: linear in events.
   *
   * @param into - appended to
   * @param start - the beginning of the time, and columns of the sensor
   */
  drain(
    into: EventCollector,
    { firstUs, width }: { readonly firstUs: number; readonly width: number },
  ): void {
    const length = this.#length;
    let last = 0;
    for (let i = 0; i < length; i++) if (this.#delays[i]! > last) last = this.#delays[i]!;
    for (let shift = 0; shift < 32 && last >>> shift > 0; shift += digitBits) this.#sortBy(shift);
    const [delays, senders] = [this.#delays, this.#senders];
    for (let i = 0; i < length; i++) {
      const pixel = senders[i]! >>> 1;
      const y = (pixel / width) | 0;
      into.push(firstUs + delays[i]!, pixel - y * width, y, senders[i]! & 1);
    }
    this.#length = 0;
  }

  /** Sorts by one digit; equal ones stay in their order. */
  #sortBy(shift: number): void {
    const length = this.#length;
    const [delays, senders, starts] = [this.#delays, this.#senders, this.#starts];
    const [delaysThen, sendersThen] = [this.#otherDelays, this.#otherSenders];
    starts.fill(0);
    for (let i = 0; i < length; i++) starts[(delays[i]! >>> shift) & (digits - 1)]!++;
    for (let digit = 0, before = 0; digit < digits; digit++) {
      const count = starts[digit]!;
      starts[digit] = before;
      before += count;
    }
    for (let i = 0; i < length; i++) {
      const to = starts[(delays[i]! >>> shift) & (digits - 1)]!++;
      delaysThen[to] = delays[i]!;
      sendersThen[to] = senders[i]!;
    }
    [this.#delays, this.#otherDelays] = [delaysThen, delays];
    [this.#senders, this.#otherSenders] = [sendersThen, senders];
  }

  #grow(): void {
    const capacity = 2 * this.#delays.length;
    const grown = (old: Uint32Array) => {
      const larger = new Uint32Array(capacity);
      larger.set(old);
      return larger;
    };
    this.#delays = grown(this.#delays);
    this.#senders = grown(this.#senders);
    this.#otherDelays = new Uint32Array(capacity);
    this.#otherSenders = new Uint32Array(capacity);
  }
}
