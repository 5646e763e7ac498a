/**
 * AEDAT 4.0 (iniVation DV): a FlatBuffers header with the streams in XML, then packets (stream id, size, content),
 * each a size-prefixed FlatBuffer, plain or in an LZ4 or Zstandard frame. Frames, IMU samples and triggers are
 * skipped. A table at the end of a completely written file states the number of events of each packet.
 *
 * @see iniVation, "AEDAT file formats", AEDAT 4.0
 */

import { type EventStream, eventStreams } from "./aedat4-streams.js";
import { ByteFile } from "./byte-file.js";
import { type EventBatch, EventCollector } from "./event-batch.js";
import type { EventReader } from "./event-reader.js";
import { FlatTable } from "./flat-table.js";
import { checkPixel, type FormatFault, formatError } from "./format-error.js";
import { decodeLz4Frame } from "./lz4-frame.js";
import { decodeZstdFrame } from "./zstd-frame.js";

/** What opens every file. */
export const aedat4Magic = "#!AER-DAT4.0\r\n";

/** 64 MiB hold 4 million events; DV writes some 10 ms a packet. */
const largestPacket = 64 * 1024 * 1024;
const largestHeader = 4 * 1024 * 1024;
const eventBytes = 16;

const compressions = ["none", "lz4", "lz4", "zstd", "zstd"] as const;
type Compression = (typeof compressions)[number];

/** @throws DataFormatError if the header is damaged or announces no events; FileError */
export async function openAedat4(path: string): Promise<EventReader> {
  await using file = await ByteFile.open(path);
  const at = aedat4Magic.length;
  const headerBytes = (await file.readExactly(at, 4, "header size")).readUInt32LE(0);
  if (headerBytes > largestHeader) {
    throw formatError({ path, at, expected: "a header below 4 MiB", received: `${headerBytes} bytes` });
  }
  const content = await file.readExactly(at + 4, headerBytes, "header");
  const header = inBounds({ path, at: at + 4, expected: "an AEDAT 4 header" }, () => {
    const table = FlatTable.root(content, "IOHE");
    return { compression: table.int32(0, 0), tableAt: Number(table.int64(1, -1n)), info: table.string(2) };
  });
  const compression = compressions[header.compression];
  if (compression === undefined) {
    throw formatError({ path, at, expected: "compression 0 to 4", received: `${header.compression}` });
  }
  const stream = eventStreams(header.info)[0];
  if (stream === undefined) {
    throw formatError({
      path,
      at: at + 4,
      expected: "an event stream (EVTS) with its size in the header",
      received: "none",
      nextStep: "record the events too",
    });
  }
  const start = at + 4 + headerBytes;
  const layout = { start, end: file.size, compression, stream };
  if (header.tableAt >= start && header.tableAt < file.size) layout.end = header.tableAt;
  const { width, height } = stream;
  const declaredEvents =
    layout.end < file.size ? await tabledEvents(file, { ...layout, start: layout.end }) : undefined;
  const about = { source: stream.source, stream: `${stream.id}`, compression };
  const reader = { path, format: "aedat4", width, height, declaredEvents, header: about } as const;
  return { ...reader, batches: () => aedat4Batches(path, { ...layout, declaredEvents }) };
}

interface Layout {
  readonly start: number;
  readonly end: number;
  readonly compression: Compression;
  readonly stream: EventStream;
}

/** The number of events that the table at the end of the file states; older recorders leave the numbers out. */
async function tabledEvents(
  file: ByteFile,
  { start, compression, stream }: Layout,
): Promise<number | undefined> {
  const bytes = await file.read(start, Math.min(largestPacket, file.size - start));
  return inBounds({ path: file.path, at: start, expected: "a table of packets" }, () => {
    let events = 0;
    for (const entry of unpack(bytes, compression, "FTAB").tables(0)) {
      if (entry.struct(1, 8)?.getInt32(0, true) === stream.id) events += Number(entry.int64(2, 0n));
    }
    return events > 0 ? events : undefined;
  });
}

async function* aedat4Batches(
  path: string,
  layout: Layout & { readonly declaredEvents: number | undefined },
): AsyncGenerator<EventBatch> {
  const { end, compression, stream, declaredEvents } = layout;
  await using file = await ByteFile.open(path);
  const events = new EventCollector();
  let total = 0;
  for (let at = layout.start; at < end; ) {
    const head = await file.readExactly(at, 8, "packet header");
    const size = head.readInt32LE(4);
    if (size < 0 || size > end - at - 8) {
      throw formatError({
        path,
        at: at + 4,
        expected: `a packet of at most ${end - at - 8} bytes`,
        received: `${size} bytes`,
      });
    }
    if (head.readInt32LE(0) === stream.id && size > 0) {
      if (size > largestPacket) {
        throw formatError({ path, at: at + 4, expected: "packets below 64 MiB", received: `${size} bytes` });
      }
      const packetAt = at;
      const content = await file.readExactly(at + 8, size, "packet");
      const place = { path, at: at + 8, expected: "a packet of events" };
      const elements = inBounds(place, () => unpack(content, compression, "EVTS").vector(0, eventBytes));
      for (let i = 0; i < elements.byteLength; i += eventBytes) {
        const x = elements.getUint16(i + 8, true);
        const y = elements.getUint16(i + 10, true);
        const event = () => `packet at byte ${packetAt}, event ${i / eventBytes}`;
        checkPixel(x, y, { path, at: event, ...stream });
        const timeUs = Number(elements.getBigInt64(i, true));
        if (!Number.isSafeInteger(timeUs)) {
          throw formatError({ path, at: event(), expected: "a time below 2^53 us", received: `${timeUs}` });
        }
        events.push(timeUs, x, y, elements.getUint8(i + 12) & 1);
      }
      total += events.length;
      yield events.take();
    }
    at += 8 + size;
  }
  if (declaredEvents !== undefined && total !== declaredEvents) {
    throw formatError({
      path,
      at: end,
      expected: `the ${declaredEvents} events that the table states`,
      received: `${total} in the packets`,
    });
  }
}

/** Decompresses and opens a size-prefixed FlatBuffer. @throws RangeError */
function unpack(bytes: Uint8Array, compression: Compression, identifier: string): FlatTable {
  const content =
    compression === "none"
      ? bytes
      : compression === "lz4"
        ? decodeLz4Frame(bytes, largestPacket)
        : decodeZstdFrame(bytes, largestPacket);
  return FlatTable.root(content.subarray(4), identifier);
}

/** Runs a decoder whose complaints do not know the file. */
function inBounds<T>(place: Pick<FormatFault, "path" | "at" | "expected">, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw formatError({ ...place, received: error.message }, { cause: error });
  }
}
