/**
 * Text recordings: one event a line, separated by blanks, commas or semicolons, polarity 0/1, -1/1 or true/false. A
 * first line may name the columns (CSV), or be two whole numbers, width and height. Blank lines and lines that start
 * with # are no events. Numbers may have points and exponents, as `np.savetxt` writes them.
 *
 * Columns and unit of time are those of the whole file ({@link textHead}, {@link usualUnit}): seconds if any time has a
 * fraction (rounded to the microsecond), else microseconds.
 *
 * @see Mueggler et al. 2017, "The Event-Camera Dataset and Simulator", doi:10.1177/0278364917691115
 */
import type { ByteFile, ByteSource } from "./byte-file.js";
import { EventCollector } from "./event-batch.js";
import {
  boundsOf,
  type EventFile,
  type EventFileOptions,
  type EventReading,
  type ReadEvents,
  type SensorSize,
  sensorOf,
} from "./event-reader.js";
import { formatError } from "./format-error.js";
import { latin1Text } from "./latin1.js";
import type { SkipLog } from "./skipped-events.js";
import type { Columns } from "./text-columns.js";
import { isBlankOrComment, lineEnd, mostColumns, readFields } from "./text-fields.js";
import { type TextHead, textHead, textHeadBytes } from "./text-layout.js";
import { textPieces } from "./text-lines.js";
import { type TimeUnit, toMicroseconds, usualUnit } from "./time-unit.js";

const dot = 0x2e;
const minus = 0x2d;
const letterE = 0x65;
const lowerCase = 0x20;

/** @throws DataFormatError if the first lines are no events, or do not show what their columns are; FileError */
export async function openTextEvents(source: ByteSource, options: EventFileOptions): Promise<EventFile> {
  await using file = await source.open();
  const path = source.name;
  const head = textHead(path, await file.read(0, textHeadBytes), options);
  if (head === undefined) {
    throw formatError({ path, at: 0, expected: "lines of events `t x y p`", received: "other text" });
  }
  const unit = options.timeUnit ?? head.unit ?? (await unitOf(file, head));
  const sensor = sensorOf(path, head.stated, options);
  const names = (["t", "x", "y", "p"] as const).toSorted((a, b) => head.columns[a] - head.columns[b]);
  const header = { timeUnit: unit, columns: names.join(" ") };
  const known = { path, format: "text", ...sensor, declaredEvents: undefined, header } as const;
  const { start, headLines } = head;
  const reading = { start, headLines, columns: head.columns, unit, ...boundsOf(sensor) };
  return { ...known, read: textEvents(source, reading) };
}

/** A look through the whole file, unless a time with a fraction turns up before. */
async function unitOf(file: ByteFile, { start, columns, largestTime }: TextHead): Promise<TimeUnit> {
  const fields = new Float64Array(mostColumns);
  for await (const { bytes } of textPieces(file, start)) {
    if (!mayHoldFraction(bytes)) continue;
    for (let at = 0; at < bytes.length; ) {
      const end = lineEnd(bytes, at);
      const isEvent = readFields(bytes, at, end, fields) === columns.count;
      if (isEvent && !Number.isInteger(fields[columns.t])) return "s";
      at = end + 1;
    }
  }
  return usualUnit({ hasFraction: false, largest: largestTime });
}

/** A decimal point, or a negative exponent; what is in every file is looked for by `includes`, which is fast. */
function mayHoldFraction(bytes: Uint8Array): boolean {
  if (bytes.includes(dot)) return true;
  if (!bytes.includes(minus)) return false;
  return bytes.some((byte, i) => byte === minus && (bytes[i - 1]! | lowerCase) === letterE);
}

interface Reading extends EventReading {
  /** Left at the start that are no events. */
  readonly headLines: number;
  readonly columns: Columns;
  readonly unit: TimeUnit;
}

function textEvents(source: ByteSource, reading: Reading): ReadEvents {
  return async function* (log, mark) {
    await using file = await source.open();
    const lines = new EventLines({ ...reading, log });
    let { headLines } = reading;
    for await (const { bytes, offset, next } of textPieces(file, reading.start)) {
      for (let at = 0; at < bytes.length; ) {
        const end = lineEnd(bytes, at);
        if (!isBlankOrComment(bytes, at, end)) {
          if (headLines > 0) headLines--;
          else lines.add(bytes, { start: at, end, offset });
        }
        at = end + 1;
      }
      mark?.(textEvents(source, { ...reading, start: next, headLines }));
      yield lines.events.take();
    }
  };
}

class EventLines {
  readonly events = new EventCollector();
  readonly #fields = new Float64Array(mostColumns);
  readonly #size: SensorSize;
  readonly #columns: Columns;
  readonly #toUs: (time: number) => number;
  readonly #log: SkipLog;

  constructor({ columns, unit, log, width, height }: Reading & { readonly log: SkipLog }) {
    this.#columns = columns;
    this.#toUs = toMicroseconds[unit];
    this.#log = log;
    this.#size = { width, height };
  }

  add(
    bytes: Uint8Array,
    { start, end, offset }: { readonly start: number; readonly end: number; readonly offset: number },
  ): void {
    const fields = this.#fields;
    const { t, x: xAt, y: yAt, p: pAt, count } = this.#columns;
    const isComplete = readFields(bytes, start, end, fields) === count;
    const [x, y, p] = [fields[xAt]!, fields[yAt]!, fields[pAt]!];
    const timeUs = this.#toUs(fields[t]!);
    const at = offset + start;
    const { width, height } = this.#size;
    if (!isComplete || !Number.isInteger(x) || !Number.isInteger(y) || (p !== 0 && p !== 1 && p !== -1)) {
      this.#log.skip("no-event-line", () => ({
        at,
        expected: `a line of ${count} columns with an event`,
        received: JSON.stringify(latin1Text(bytes, start, Math.min(end, start + 60)).trim()),
      }));
    } else if (!(x >= 0 && x < width && y >= 0 && y < height)) {
      this.#log.outside(x, y, { at, width, height });
    } else if (!Number.isSafeInteger(timeUs)) {
      const received = `${timeUs} us`;
      this.#log.skip("no-time", () => ({ at, expected: "a time below 2^53 us", received }));
    } else {
      this.events.push(timeUs, x, y, p === 1 ? 1 : 0);
    }
  }
}
