/**
 * N-MNIST and N-Caltech101 binary: 5 bytes an event, big endian: x, y, then polarity in the top bit and the time
 * in microseconds in the other 23 bits. No header. A record with y = 240 is no event: it says that the clock
 * ran over, and adds 2^13 us to all later times.
 *
 * @see Orchard, Jayawant, Cohen & Thakor 2015, doi:10.3389/fnins.2015.00437
 */
import { ByteFile } from "./byte-file.js";
import { type EventBatch, EventCollector } from "./event-batch.js";
import {
  boundsOf,
  type EventFile,
  type EventFileOptions,
  type SensorSize,
  sensorOf,
} from "./event-reader.js";
import type { SkipLog } from "./skipped-events.js";

/** Bytes of an event. */
export const nmnistEventBytes = 5;
const overflowRow = 240;
const overflowUs = 2 ** 13;

/** @throws FileError if the file cannot be opened */
export async function openNmnist(path: string, options: EventFileOptions): Promise<EventFile> {
  await using _file = await ByteFile.open(path);
  // The sensor (34 x 34 or 304 x 240) and the number of overflow records are not stated.
  const sensor = sensorOf(path, {}, options);
  const head = { path, format: "nmnist", ...sensor, declaredEvents: undefined, header: {} } as const;
  return { ...head, read: (log) => nmnistEvents(path, { log, ...boundsOf(sensor) }) };
}

async function* nmnistEvents(
  path: string,
  { log, width, height }: SensorSize & { readonly log: SkipLog },
): AsyncGenerator<EventBatch> {
  await using file = await ByteFile.open(path);
  const events = new EventCollector();
  let baseUs = 0;
  for await (const { bytes, offset } of file.records(0, { recordBytes: nmnistEventBytes, log })) {
    for (let i = 0; i < bytes.length; i += nmnistEventBytes) {
      const [x, y] = [bytes[i]!, bytes[i + 1]!];
      const word = bytes.readUIntBE(i + 2, 3);
      if (y === overflowRow) baseUs += overflowUs;
      else if (x < width && y < height) events.push(baseUs + (word & 0x7fffff), x, y, word >>> 23);
      else log.outside(x, y, { at: offset + i, width, height });
    }
    yield events.take();
  }
}
