/**
 * Prophesee DAT: a text header, two bytes (event type, event size), then one record per event, little endian:
 * a uint32 with microseconds, which runs over after 71 minutes, and a uint32 with the address. Version 2 has x in bits
 * 0 to 13, y in bits 14 to 27, polarity in bit 28; version 1 x in bits 0 to 8, y in bits 9 to 16, polarity in bit 17.
 *
 * @see Prophesee, "DAT File Format", Metavision documentation
 */
import { type ByteSource, readExactly, recordPieces } from "./byte-file.js";
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
import { UnwrappedClock } from "./unwrapped-clock.js";

const eventBytes = 8;

/** Event types with this record: generic 2D and contrast detection; 0x0e are triggers. */
const eventTypes = [0x00, 0x0c];

/** Where x, y and polarity lie in an address. */
interface Address {
  readonly xBits: number;
  readonly yBits: number;
  /** The only sensor that wrote this version. */
  readonly sensor: Partial<SensorSize>;
}

/** Files without a version are of the second. */
const addresses: Readonly<Record<string, Address>> = {
  1: { xBits: 9, yBits: 8, sensor: { width: 304, height: 240 } },
  2: { xBits: 14, yBits: 14, sensor: {} },
};

/** @throws DataFormatError if the header is not that of a DAT file with 2D events; FileError */
export async function openDat(source: ByteSource, options: EventFileOptions): Promise<EventFile> {
  await using file = await source.open();
  const path = source.name;
  const { fields, stated, end } = await readPropheseeHeader(file);
  const typeAndSize = await readExactly(file, {
    ...{ offset: end, length: 2, what: "event type and event size" },
  });
  const [type = 0, size = 0] = typeAndSize;
  const address = addresses[fields.version ?? "2"];
  if (!eventTypes.includes(type) || size !== eventBytes || address === undefined) {
    throw formatError({
      path,
      at: end,
      expected: "DAT version 1 or 2 with event type 0 or 12 and 8 bytes an event",
      received: `version ${fields.version ?? "2"}, event type ${type} with ${size} bytes an event`,
      nextStep: "convert the recording to DAT version 2 with change detection events",
    });
  }
  const start = end + 2;
  const declaredEvents = Math.floor((file.size - start) / eventBytes);
  const sensor = sensorOf(path, { ...address.sensor, ...stated }, options);
  const head = { path, format: "dat", ...sensor, declaredEvents, header: fields } as const;
  const clock = new UnwrappedClock(32);
  return { ...head, read: datEvents(source, { start, address, clock, ...boundsOf(sensor) }) };
}

interface DatReading extends EventReading {
  readonly address: Address;
  /** At the start; not changed. */
  readonly clock: UnwrappedClock;
}

function datEvents(source: ByteSource, reading: DatReading): ReadEvents {
  const { start, address, width, height } = reading;
  const { xBits, yBits } = address;
  const [xMask, yMask] = [2 ** xBits - 1, 2 ** yBits - 1];
  return async function* (log, mark) {
    await using file = await source.open();
    const events = new EventCollector();
    const clock = reading.clock.copy();
    for await (const { view, offset } of recordPieces(file, { start, recordBytes: eventBytes, log })) {
      for (let i = 0; i < view.byteLength; i += eventBytes) {
        const timeUs = clock.next(view.getUint32(i, true));
        const address = view.getUint32(i + 4, true);
        const x = address & xMask;
        const y = (address >>> xBits) & yMask;
        if (x < width && y < height) events.push(timeUs, x, y, (address >>> (xBits + yBits)) & 1);
        else log.outside(x, y, { at: offset + i, width, height });
      }
      mark?.(datEvents(source, { ...reading, start: offset + view.byteLength, clock: clock.copy() }));
      yield events.take();
    }
  };
}
