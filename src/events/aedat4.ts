/**
 * AEDAT 4.0 (iniVation DV): a FlatBuffers header with the streams in XML, then packets (stream id, size, content),
 * each a size-prefixed FlatBuffer, plain or in an LZ4 or Zstandard frame. Frames, IMU samples and triggers are
 * skipped. A table at the end of a completely written file states the number of events of each packet.
 *
 * @see iniVation, "AEDAT file formats", AEDAT 4.0
 */

import { type EventStream, eventStreams } from "./aedat4-streams.js";
import { type ByteFile, type ByteSource, readExactly, viewOf } from "./byte-file.js";
import { EventCollector } from "./event-batch.js";
import { type EventFile, type EventFileOptions, type ReadEvents, sensorOf } from "./event-reader.js";
import { FlatTable } from "./flat-table.js";
import { type FormatFault, formatError } from "./format-error.js";
import { decodeLz4Frame } from "./lz4-frame.js";
import { readAhead } from "./read-ahead.js";
import type { SkipLog } from "./skipped-events.js";
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
export async function openAedat4(source: ByteSource, options: EventFileOptions): Promise<EventFile> {
  await using file = await source.open();
  const path = source.name;
  const at = aedat4Magic.length;
  const sizeBytes = await readExactly(file, { offset: at, length: 4, what: "header size" });
  const headerBytes = viewOf(sizeBytes).getUint32(0, true);
  if (headerBytes > largestHeader) {
    throw formatError({ path, at, expected: "a header below 4 MiB", received: `${headerBytes} bytes` });
  }
  const content = await readExactly(file, { offset: at + 4, length: headerBytes, what: "header" });
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
  const hasTable = header.tableAt >= start;
  const end = hasTable ? Math.min(header.tableAt, file.size) : file.size;
  const declaredEvents =
    hasTable && end < file.size ? await tabledEvents(file, { start: end, compression, stream }) : undefined;
  const sensor = sensorOf(path, stream, options);
  const about = { source: stream.source, stream: `${stream.id}`, compression };
  const head = { path, format: "aedat4", ...sensor, declaredEvents, header: about } as const;
  const isCut = hasTable && end === file.size;
  return {
    ...head,
    read: aedat4Events(source, { start, end, isCut, compression, stream, declaredEvents, eventsBefore: 0 }),
  };
}

interface Layout {
  readonly start: number;
  readonly compression: Compression;
  readonly stream: EventStream;
}

/**
 * The number of events that the table at the end of the file states; older recorders leave the numbers out, and a
 * damaged table states none.
 */
async function tabledEvents(
  file: ByteFile,
  { start, compression, stream }: Layout,
): Promise<number | undefined> {
  const bytes = await file.read(start, Math.min(largestPacket, file.size - start));
  try {
    let events = 0;
    for (const entry of unpack(bytes, compression, "FTAB").tables(0)) {
      if (entry.struct(1, 8)?.getInt32(0, true) === stream.id) events += Number(entry.int64(2, 0n));
    }
    return events > 0 ? events : undefined;
  } catch {
    return undefined;
  }
}

interface Reading extends Layout {
  readonly end: number;
  /** The table that the header announces lies beyond the end of the file. */
  readonly isCut: boolean;
  readonly declaredEvents: number | undefined;
  /** In the packets before the start. */
  readonly eventsBefore: number;
}

function aedat4Events(source: ByteSource, reading: Reading): ReadEvents {
  const { end, stream } = reading;
  return async function* (log, mark) {
    await using file = readAhead(await source.open());
    const events = new EventCollector();
    let total = reading.eventsBefore;
    for (let at = reading.start; at < end; ) {
      const head = await file.read(at, 8);
      const size = head.length === 8 ? viewOf(head).getInt32(4, true) : -1;
      const packetAt = at;
      if (size < 0 || size > end - at - 8) {
        log.skip("cut-end", () => ({
          at: packetAt,
          expected: `a packet of at most ${Math.max(0, end - packetAt - 8)} bytes`,
          received: head.length < 8 ? `${head.length} bytes` : `a packet of ${size} bytes`,
        }));
        return;
      }
      const isEvents = viewOf(head).getInt32(0, true) === stream.id && size > 0;
      at += 8 + size;
      if (!isEvents) continue;
      const content = await file.read(packetAt + 8, Math.min(size, largestPacket));
      total += addPacket(events, { ...reading, log, content, size, at: packetAt });
      mark?.(aedat4Events(source, { ...reading, start: at, eventsBefore: total }));
      yield events.take();
    }
    checkComplete(reading, { log, total });
  };
}

/** The table of packets at the end tells what is missing. */
function checkComplete(
  { end, isCut, declaredEvents }: Reading,
  { log, total }: { readonly log: SkipLog; readonly total: number },
): void {
  if (isCut) {
    log.skip("cut-end", () => ({ at: end, expected: "a table of packets", received: "the end of the file" }));
  } else if (declaredEvents !== undefined && total < declaredEvents) {
    log.skip(
      "missing-events",
      () => ({
        at: end,
        expected: `the ${declaredEvents} events that the table states`,
        received: `${total} in the packets`,
      }),
      declaredEvents - total,
    );
  }
}

interface Packet extends Reading {
  readonly log: SkipLog;
  readonly content: Uint8Array;
  /** As the packet's head states it; the content is shorter if that is absurd. */
  readonly size: number;
  readonly at: number;
}

/** Returns how many events the packet holds, usable or not. */
function addPacket(events: EventCollector, { content, size, at, compression, stream, log }: Packet): number {
  const elements = eventElements(content, { size, compression });
  if (typeof elements === "string") {
    const fault = { at: at + 8, expected: "a packet of events below 64 MiB", received: elements };
    log.skip("damaged-packet", () => fault);
    return 0;
  }
  const { width, height } = stream;
  for (let i = 0; i < elements.byteLength; i += eventBytes) {
    const timeUs = elements.getInt32(i + 4, true) * 2 ** 32 + elements.getUint32(i, true);
    const x = elements.getUint16(i + 8, true);
    const y = elements.getUint16(i + 10, true);
    if (x < width && y < height && Number.isSafeInteger(timeUs)) {
      events.push(timeUs, x, y, elements.getUint8(i + 12) & 1);
    } else {
      skipEvent(log, { at, number: i / eventBytes, timeUs, x, y, stream });
    }
  }
  return elements.byteLength / eventBytes;
}

interface Unusable {
  /** Byte of the packet. */
  readonly at: number;
  /** Of the event in its packet. */
  readonly number: number;
  readonly timeUs: number;
  readonly x: number;
  readonly y: number;
  readonly stream: EventStream;
}

// Apart, as closures in the loop would cost every event an allocation.
function skipEvent(log: SkipLog, { at, number, timeUs, x, y, stream: { width, height } }: Unusable): void {
  const place = () => `packet at byte ${at}, event ${number}`;
  if (x >= width || y >= height) log.outside(x, y, { at: place, width, height });
  else {
    log.skip("no-time", () => ({ at: place(), expected: "a time below 2^53 us", received: `${timeUs}` }));
  }
}

/** The events of a packet, or what is wrong with it. */
function eventElements(
  content: Uint8Array,
  { size, compression }: { readonly size: number; readonly compression: Compression },
): DataView | string {
  if (size > largestPacket) return `${size} bytes`;
  try {
    return unpack(content, compression, "EVTS").vector(0, eventBytes);
  } catch (error) {
    if (error instanceof Error) return error.message;
    throw error;
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
