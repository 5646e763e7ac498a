/**
 * N-MNIST and N-Caltech101 binary: 5 bytes an event, big endian: x, y, then polarity in the top bit and the time
 * in microseconds in the other 23 bits. No header. A record with y = 240 is no event: it says that the clock
 * ran over, and adds 2^13 us to all later times.
 *
 * @see Orchard, Jayawant, Cohen & Thakor 2015, doi:10.3389/fnins.2015.00437
 */
import { type ByteSource, recordPieces } from "./byte-file.js";
import { EventCollector } from "./event-batch.js";
import {
  boundsOf,
  type EventFile,
  type EventFileOptions,
  type EventReading,
  type ReadEvents,
  sensorOf,
} from "./event-reader.js";

/** Bytes of an event. */
export const nmnistEventBytes = 5;
const overflowRow = 240;
const overflowUs = 2 ** 13;

/** @throws FileError if the file cannot be opened */
export async function openNmnist(source: ByteSource, options: EventFileOptions): Promise<EventFile> {
  await using _file = await source.open();
  const path = source.name;
  // The sensor (34 x 34 or 304 x 240) and the number of overflow records are not stated.
  const sensor = sensorOf(path, {}, options);
  const head = { path, format: "nmnist", ...sensor, declaredEvents: undefined, header: {} } as const;
  return { ...head, read: nmnistEvents(source, { start: 0, baseUs: 0, ...boundsOf(sensor) }) };
}

interface NmnistReading extends EventReading {
  /** Of the overflow records before the start. */
  readonly baseUs: number;
}

function nmnistEvents(source: ByteSource, reading: NmnistReading): ReadEvents {
  const { start, width, height } = reading;
  return async function* (log, mark) {
    await using file = await source.open();
    const events = new EventCollector();
    let { baseUs } = reading;
    for await (const { view, offset } of recordPieces(file, { start, recordBytes: nmnistEventBytes, log })) {
      for (let i = 0; i < view.byteLength; i += nmnistEventBytes) {
        const [x, y] = [view.getUint8(i), view.getUint8(i + 1)];
        const word = lastThreeBytes(view, i);
        if (y === overflowRow) baseUs += overflowUs;
        else if (x < width && y < height) events.push(baseUs + (word & 0x7fffff), x, y, word >>> 23);
        else log.outside(x, y, { at: offset + i, width, height });
      }
      mark?.(nmnistEvents(source, { ...reading, start: offset + view.byteLength, baseUs }));
      yield events.take();
    }
  };
}

/** Polarity and time of the event at `at`. */
export function lastThreeBytes(view: DataView, at: number): number {
  return view.getUint32(at + 1) & 0xffffff;
}
