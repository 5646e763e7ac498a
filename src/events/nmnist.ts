/**
 * N-MNIST and N-Caltech101 binary: 5 bytes an event, big endian: x, y, then polarity in the top bit and the time
 * in microseconds in the other 23 bits. No header. A record with y = 240 is no event: it says that the clock
 * ran over, and adds 2^13 us to all later times.
 *
 * @see Orchard, Jayawant, Cohen & Thakor 2015, doi:10.3389/fnins.2015.00437
 */
import { ByteFile } from "./byte-file.js";
import { type EventBatch, EventCollector } from "./event-batch.js";
import type { EventReader } from "./event-reader.js";

/** Bytes of an event. */
export const nmnistEventBytes = 5;
const overflowRow = 240;
const overflowUs = 2 ** 13;

/** @throws FileError if the file cannot be opened */
export async function openNmnist(path: string): Promise<EventReader> {
  await using file = await ByteFile.open(path);
  // The sensor (34 x 34 or 304 x 240) and the number of overflow records are not stated.
  const unknown = { width: undefined, height: undefined, declaredEvents: undefined } as const;
  return { path: file.path, format: "nmnist", ...unknown, header: {}, batches: () => nmnistBatches(path) };
}

async function* nmnistBatches(path: string): AsyncGenerator<EventBatch> {
  await using file = await ByteFile.open(path);
  const events = new EventCollector();
  let baseUs = 0;
  for await (const { bytes } of file.records(0, nmnistEventBytes)) {
    for (let i = 0; i < bytes.length; i += nmnistEventBytes) {
      const word = bytes.readUIntBE(i + 2, 3);
      if (bytes[i + 1] === overflowRow) baseUs += overflowUs;
      else events.push(baseUs + (word & 0x7fffff), bytes[i]!, bytes[i + 1]!, word >>> 23);
    }
    yield events.take();
  }
}
