/** Playing a recording of events at any rate; where the clock comes from, and what is drawn, is the caller's. */
import { checkNumber } from "../checks/web.js";
import type { EventBatch } from "./event-batch.js";
import type { IndexedEvents } from "./event-index.js";

/** How a recording is played. */
export interface EventPlayerOptions {
  /** Seconds of the recording a second of the clock; below 0 it plays backwards (default 1). */
  readonly rate?: number;
  /** Accumulation time: microseconds of events that are shown together (default 33,333). */
  readonly accumulationUs?: number;
}

/** A moment t of a recording that moves, and the events of the accumulation time before it. */
export class EventPlayer {
  /** The first moment, that of the earliest event, in microseconds. */
  readonly startUs: number;
  /** The last moment, just after the latest event, in microseconds. */
  readonly endUs: number;
  readonly #recording: Pick<IndexedEvents, "window">;
  #rate = 1;
  #accumulationUs = 33_333;
  #timeUs: number;

  /**
   * @param recording - with its range and windows, as `indexEventsBlob` opens it; one without events plays nothing
   * @param options - rate and accumulation time
   * @throws OptionError if one of them is no number, or no time is accumulated
   */
  constructor(
    recording: Pick<IndexedEvents, "rangeUs" | "window">,
    { rate = 1, accumulationUs = 33_333 }: EventPlayerOptions = {},
  ) {
    const [first, last] = recording.rangeUs;
    this.#recording = recording;
    this.startUs = Number.isNaN(first) ? 0 : first;
    this.endUs = Number.isNaN(last) ? 0 : last + 1;
    this.#timeUs = this.startUs;
    this.rate = rate;
    this.accumulationUs = accumulationUs;
  }

  /** Seconds of the recording a second of the clock. */
  get rate(): number {
    return this.#rate;
  }
  /**
   * Plays on faster or slower.
   *
   * @param rate - seconds of the recording a second of the clock
   * @throws OptionError if it is no number
   */
  set rate(rate: number) {
    checkNumber("EventPlayer", "rate", rate, { least: -1e6, most: 1e6 });
    this.#rate = rate;
  }

  /** Microseconds of events that are shown together. */
  get accumulationUs(): number {
    return this.#accumulationUs;
  }
  /**
   * Shows events of a longer or shorter time.
   *
   * @param accumulationUs - microseconds, 1 to an hour
   * @throws OptionError if it is out of range
   */
  set accumulationUs(accumulationUs: number) {
    checkNumber("EventPlayer", "accumulationUs", accumulationUs, { least: 1, most: 3.6e9 });
    this.#accumulationUs = accumulationUs;
  }

  /** The moment t, in microseconds of the recording's clock. */
  get timeUs(): number {
    return this.#timeUs;
  }

  /** From the first moment to the last, in microseconds. */
  get durationUs(): number {
    return this.endUs - this.startUs;
  }

  /**
   * Goes to a moment, or to the nearest that the recording has.
   *
   * @param timeUs - microseconds of the recording's clock
   */
  seek(timeUs: number): void {
    checkNumber("EventPlayer.seek", "timeUs", timeUs);
    this.#timeUs = Math.max(this.startUs, Math.min(this.endUs, timeUs));
  }

  /**
   * Goes on by `rate` times the time that has passed, as far as the recording goes.
   *
   * @param elapsedMs - milliseconds of the clock, as between two animation frames
   * @returns whether there is more to play
   */
  advance(elapsedMs: number): boolean {
    this.seek(this.#timeUs + this.#rate * elapsedMs * 1000);
    return this.#rate < 0 ? this.#timeUs > this.startUs : this.#timeUs < this.endUs;
  }

  /** The events with t − accumulation time ≤ time < t. */
  window(): Promise<EventBatch> {
    return this.#recording.window(this.#timeUs - this.#accumulationUs, this.#timeUs);
  }
}
