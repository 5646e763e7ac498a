/** What of a recording cannot be used: left out and counted by reason, or refused. */
import { type FormatFault, formatError } from "./format-error.js";

/** Why something of a recording is left out. */
export type SkipReason =
  | "outside-sensor"
  | "no-polarity"
  | "no-time"
  | "reserved-word"
  | "no-event-line"
  | "damaged-packet"
  | "cut-end"
  | "missing-events";

/** How messages call one and several of what is left out for a reason. */
const reasonWords: Readonly<Record<SkipReason, readonly [one: string, several: string]>> = {
  "outside-sensor": ["event outside the sensor", "events outside the sensor"],
  "no-polarity": ["event of no known polarity", "events of no known polarity"],
  "no-time": ["event of impossible time", "events of impossible time"],
  "reserved-word": ["reserved word", "reserved words"],
  "no-event-line": ["line that is no event", "lines that are no events"],
  "damaged-packet": ["damaged packet", "damaged packets"],
  "cut-end": ["record cut off at the end", "records cut off at the end"],
  "missing-events": ["event fewer than the file states", "events fewer than the file states"],
};

/** What was left out for one reason. */
export interface Skipped {
  /** One of the known kinds, for programs. */
  readonly reason: SkipReason;
  /** How many events, words, lines, packets or records. */
  readonly count: number;
  /** Place and content of the first: `byte 870: x 1500, y 3`. */
  readonly first: string;
}

/** Counts what one pass over a recording leaves out. */
export class SkippedEvents {
  readonly #counts = new Map<SkipReason, { count: number; readonly first: string }>();

  /**
   * Whether something was left out for this reason.
   *
   * @param reason - one of the known kinds
   */
  has(reason: SkipReason): boolean {
    return this.#counts.has(reason);
  }

  /**
   * Counts what a reader leaves out.
   *
   * @param reason - one of the known kinds
   * @param count - how many
   * @param first - place and content of the first, as in {@link Skipped.first}; kept if none of its reason came
   * before
   */
  add(reason: SkipReason, count: number, first: string): void {
    const known = this.#counts.get(reason);
    if (known === undefined) this.#counts.set(reason, { count, first });
    else known.count += count;
  }

  /** By reason, in the order of their first occurrence; empty if all was used. */
  list(): readonly Skipped[] {
    return [...this.#counts].map(([reason, counts]) => ({ reason, ...counts }));
  }
}

/**
 * One line for people: `2 events outside the sensor (first: byte 870: x 1500, y 3), 1 reserved word (first: …)`.
 *
 * @param skipped - of {@link SkippedEvents.list}
 */
export function describeSkipped(skipped: readonly Skipped[]): string {
  return skipped
    .map(
      ({ reason, count, first }) => `${count} ${reasonWords[reason][count === 1 ? 0 : 1]} (first: ${first})`,
    )
    .join(", ");
}

type Fault = Pick<FormatFault, "at" | "expected" | "received">;

/** What readers tell about content that breaks the format: counted, or with `strict` an error at the first. */
export class SkipLog {
  readonly #path: string;
  readonly #strict: boolean;
  readonly #skipped: SkippedEvents;

  constructor(
    path: string,
    { strict, skipped }: { readonly strict: boolean; readonly skipped: SkippedEvents },
  ) {
    this.#path = path;
    this.#strict = strict;
    this.#skipped = skipped;
  }

  /**
   * @param fault - asked for only if it is the first of its reason, as there may be many
   * @throws DataFormatError if the reading is strict
   */
  skip(reason: SkipReason, fault: () => Fault, count = 1): void {
    if (!this.#strict && this.#skipped.has(reason)) {
      this.#skipped.add(reason, count, "");
      return;
    }
    const { at, expected, received } = fault();
    if (this.#strict) throw formatError({ path: this.#path, at, expected, received });
    const place = typeof at === "number" ? `byte ${at}` : at;
    this.#skipped.add(reason, count, `${place}: ${received}`);
  }

  /** An event whose pixel the sensor does not have. */
  outside(x: number, y: number, place: PixelPlace): void {
    this.skip("outside-sensor", () => ({
      at: typeof place.at === "function" ? place.at() : place.at,
      expected: `a pixel of a ${place.width} x ${place.height} sensor`,
      received: `x ${x}, y ${y}`,
    }));
  }

  /** @throws DataFormatError if something was left out, and nothing remains */
  checkSomeLeft(events: number): void {
    const skipped = this.#skipped.list();
    if (events > 0 || skipped.length === 0) return;
    throw formatError({
      path: this.#path,
      at: "whole recording",
      expected: "usable events",
      received: `none beside ${describeSkipped(skipped)}`,
      nextStep: "check its format, sensor (--sensor WxH) and columns, or copy the file again",
    });
  }
}

interface PixelPlace {
  /** A text is asked for only then. */
  readonly at: number | (() => string);
  readonly width: number;
  readonly height: number;
}
