/**
 * Prophesee DAT: a text header, two bytes (event type, event size), then one record per event, little endian:
 * a uint32 with microseconds and a uint32 with x in bits 0 to 13, y in bits 14 to 27, polarity in bit 28.
 *
 * @see Prophesee, "DAT File Format", Metavision documentation
 */
import { ByteFile } from "./byte-file.js";
import { type EventBatch, EventCollector } from "./event-batch.js";
import type { EventReader } from "./event-reader.js";
import { checkPixel, formatError } from "./format-error.js";
import { readPropheseeHeader } from "./prophesee-header.js";

const eventBytes = 8;

/** Event types with this record: generic 2D and contrast detection; 0x0e are triggers. */
const eventTypes = [0x00, 0x0c];

/** @throws DataFormatError if the header is not that of a DAT file with 2D events; FileError */
export async function openDat(path: string): Promise<EventReader> {
  await using file = await ByteFile.open(path);
  const { fields, width, height, end } = await readPropheseeHeader(file);
  const typeAndSize = await file.readExactly(end, 2, "event type and event size");
  const [type = 0, size = 0] = typeAndSize;
  if (!eventTypes.includes(type) || size !== eventBytes) {
    throw formatError({
      path,
      at: end,
      expected: "event type 0 or 12 with 8 bytes an event",
      received: `event type ${type} with ${size} bytes an event`,
      nextStep: "convert the recording to DAT version 2 with change detection events",
    });
  }
  const start = end + 2;
  const declaredEvents = Math.floor((file.size - start) / eventBytes);
  const reader = { path, format: "dat", width, height, declaredEvents, header: fields } as const;
  return { ...reader, batches: () => datBatches(path, { start, width, height }) };
}

interface DatLayout {
  readonly start: number;
  readonly width: number | undefined;
  readonly height: number | undefined;
}

async function* datBatches(path: string, { start, width, height }: DatLayout): AsyncGenerator<EventBatch> {
  await using file = await ByteFile.open(path);
  const events = new EventCollector();
  for await (const { bytes, offset } of file.records(start, eventBytes)) {
    for (let i = 0; i < bytes.length; i += eventBytes) {
      const address = bytes.readUInt32LE(i + 4);
      const x = address & 0x3fff;
      const y = (address >>> 14) & 0x3fff;
      checkPixel(x, y, { path, at: offset + i, width, height });
      events.push(bytes.readUInt32LE(i), x, y, (address >>> 28) & 1);
    }
    yield events.take();
  }
}
