/**
 * Prophesee EVT 3.0 raw: a text header, then 16-bit little-endian words that change a decoder state (row, column,
 * time) and emit events, one a word or up to 12 along a row.
 *
 * The time has 24 bits (EVT_TIME_HIGH and EVT_TIME_LOW, 12 bits each) and wraps every 16.8 s; the wraps are
 * counted. Triggers and vendor words are passed over; events before the first EVT_TIME_HIGH have no time and are too.
 *
 * @see Prophesee, "EVT 3.0 Format", Metavision documentation
 */
import { type ByteSource, recordPieces } from "./byte-file.js";
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
import { readPropheseeHeader } from "./prophesee-header.js";
import type { SkipLog } from "./skipped-events.js";
import { UnwrappedClock } from "./unwrapped-clock.js";

const wordBytes = 2;
const timeBits = 12;

/** @throws DataFormatError if the header does not say EVT 3.0; FileError */
export async function openEvt3(source: ByteSource, options: EventFileOptions): Promise<EventFile> {
  await using file = await source.open();
  const path = source.name;
  const { fields, evt, stated, end } = await readPropheseeHeader(file);
  if (evt !== "3.0") {
    throw formatError({ path, at: 0, expected: "a header with evt 3.0", received: `evt ${evt}` });
  }
  const sensor = sensorOf(path, stated, options);
  const head = { path, format: "evt3", ...sensor, declaredEvents: undefined, header: fields } as const;
  return { ...head, read: evt3Events(source, { start: end, state: startState, ...boundsOf(sensor) }) };
}

/** What words before have said; not changed. */
interface Evt3State {
  readonly clock: UnwrappedClock;
  /** -1 before the first EVT_TIME_HIGH. */
  readonly high: number;
  readonly timeBaseUs: number;
  readonly low: number;
  readonly y: number;
  readonly x: number;
  readonly polarity: number;
}

const startState: Evt3State = {
  ...{ clock: new UnwrappedClock(timeBits), high: -1, timeBaseUs: 0, low: 0 },
  ...{ y: 0, x: 0, polarity: 0 },
};

interface Evt3Reading extends EventReading {
  readonly state: Evt3State;
}

function evt3Events(source: ByteSource, reading: Evt3Reading): ReadEvents {
  const { start } = reading;
  return async function* (log, mark) {
    await using file = await source.open();
    const decoder = new Evt3Decoder(reading, log);
    for await (const { view, offset } of recordPieces(file, { start, recordBytes: wordBytes, log })) {
      for (let i = 0; i < view.byteLength; i += wordBytes) decoder.word(view.getUint16(i, true), offset + i);
      mark?.(evt3Events(source, { ...reading, start: offset + view.byteLength, state: decoder.state() }));
      yield decoder.events.take();
    }
  };
}

class Evt3Decoder {
  readonly events = new EventCollector();
  readonly #width: number;
  readonly #height: number;
  readonly #log: SkipLog;
  readonly #clock: UnwrappedClock;
  #high: number;
  #timeBaseUs: number;
  #low: number;
  #y: number;
  #x: number;
  #polarity: number;

  constructor({ width, height, state }: SensorSize & { readonly state: Evt3State }, log: SkipLog) {
    this.#width = width;
    this.#height = height;
    this.#log = log;
    this.#clock = state.clock.copy();
    this.#high = state.high;
    this.#timeBaseUs = state.timeBaseUs;
    this.#low = state.low;
    this.#y = state.y;
    this.#x = state.x;
    this.#polarity = state.polarity;
  }

  state(): Evt3State {
    return {
      ...{ clock: this.#clock.copy(), high: this.#high, timeBaseUs: this.#timeBaseUs, low: this.#low },
      ...{ y: this.#y, x: this.#x, polarity: this.#polarity },
    };
  }

  word(word: number, at: number): void {
    const payload = word & 0xfff;
    switch (word >>> 12) {
      case 0x0:
        this.#y = payload & 0x7ff;
        return;
      case 0x2:
        this.#emit(payload & 0x7ff, payload >>> 11, at);
        return;
      case 0x3:
        this.#x = payload & 0x7ff;
        this.#polarity = payload >>> 11;
        return;
      case 0x4:
        this.#vector(payload, 12, at);
        return;
      case 0x5:
        this.#vector(payload, 8, at);
        return;
      case 0x6:
        this.#low = payload;
        return;
      case 0x8:
        // The low part starts again with each high part; until its word comes it counts as 0.
        if (payload !== this.#high) this.#low = 0;
        this.#high = payload;
        this.#timeBaseUs = this.#clock.next(payload) * 2 ** timeBits;
        return;
      case 0x7:
      case 0xa:
      case 0xe:
      case 0xf:
        return;
      default:
        this.#log.skip("reserved-word", () => ({
          at,
          expected: "an EVT 3.0 word",
          received: `the reserved type ${word >>> 12}`,
        }));
    }
  }

  #vector(mask: number, count: number, at: number): void {
    for (let k = 0; k < count; k++) if ((mask >>> k) & 1) this.#emit(this.#x + k, this.#polarity, at);
    this.#x += count;
  }

  #emit(x: number, polarity: number, at: number): void {
    if (this.#high < 0) return;
    if (x < this.#width && this.#y < this.#height) {
      this.events.push(this.#timeBaseUs + this.#low, x, this.#y, polarity);
    } else {
      this.#log.outside(x, this.#y, { at, width: this.#width, height: this.#height });
    }
  }
}
