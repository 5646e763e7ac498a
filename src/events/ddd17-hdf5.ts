/**
 * DDD17 and DDD20 as recorded: HDF5 whose `dvs/data` holds one packet of the camera's software (cAER) a row:
 * computer time (text), packet header (28 bytes), payload. Rows at the end may be empty.
 *
 * Header, little endian: int16 type, int16 source, int32 event size, time offset, time overflow, capacity, number,
 * valid. Polarity packets (type 1) hold 8 bytes an event: a uint32 with valid in bit 0, polarity in bit 1, y in bits
 * 2 to 16 and x in bits 17 to 31, and 31 bits of microseconds, which the overflow counter continues.
 *
 * @see Binas, Neil, Liu & Delbruck 2017, "DDD17: End-To-End DAVIS Driving Dataset", arXiv:1711.01458
 */
import { type EventBatch, EventCollector } from "./event-batch.js";
import type { EventReader } from "./event-reader.js";
import { checkPixel, formatError } from "./format-error.js";
import { type Hdf5Column, Hdf5File } from "./hdf5-file.js";

/** The data set that marks such a file. */
export const ddd17Column = "dvs/data";

/** The DAVIS346B of all its recordings. */
const width = 346;
const height = 260;
const polarityPacket = 1;
const headerBytes = 28;
const eventBytes = 8;

/** Packets read at once; the frames among them take 180 kB each. */
const rowsAtOnce = 32;

/** @throws DataFormatError if `dvs/data` is missing or has other columns; FileError */
export async function openDdd17(path: string): Promise<EventReader> {
  await using file = await Hdf5File.open(path);
  const packets = await packetColumn(file);
  const header = { packets: `${packets.shape[0]}` };
  const reader = { path, format: "ddd17-hdf5", width, height, declaredEvents: undefined, header } as const;
  return { ...reader, batches: () => ddd17Batches(path) };
}

async function packetColumn(file: Hdf5File): Promise<Hdf5Column> {
  const column = await file.column(ddd17Column);
  if (column?.shape.length === 2 && column.shape[1] === 3) return column;
  throw formatError({
    path: file.path,
    at: ddd17Column,
    expected: "rows of three columns",
    received: column ? `shape [${column.shape}]` : "no such data set",
  });
}

async function* ddd17Batches(path: string): AsyncGenerator<EventBatch> {
  await using file = await Hdf5File.open(path);
  const column = await packetColumn(file);
  const rows = column.shape[0] ?? 0;
  const events = new EventCollector();
  for (let start = 0; start < rows; start += rowsAtOnce) {
    const cells = await column.bytes(start, Math.min(rows, start + rowsAtOnce));
    for (let i = 0; i < cells.length; i += 3) {
      const at = `${ddd17Column}[${start + i / 3}]`;
      addPacket(events, { path, at, header: cells[i + 1]!, payload: cells[i + 2]! });
    }
    if (events.length > 0) yield events.take();
  }
}

interface Packet {
  readonly path: string;
  readonly at: string;
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
}

function addPacket(events: EventCollector, { path, at, header, payload }: Packet): void {
  if (header.length === 0) return;
  if (header.length !== headerBytes) {
    throw formatError({ path, at, expected: "a packet header of 28 bytes", received: `${header.length}` });
  }
  const head = new DataView(header.buffer, header.byteOffset, headerBytes);
  if (head.getInt16(0, true) !== polarityPacket) return;
  const size = head.getInt32(4, true);
  const overflowUs = head.getInt32(12, true) * 2 ** 31;
  const count = head.getInt32(20, true);
  if (size !== eventBytes || count < 0 || count * eventBytes > payload.length || overflowUs < 0) {
    throw formatError({
      path,
      at,
      expected: `at most ${Math.floor(payload.length / eventBytes)} events of 8 bytes`,
      received: `${count} events of ${size} bytes, time overflow ${overflowUs / 2 ** 31}`,
    });
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  for (let i = 0; i < count * eventBytes; i += eventBytes) {
    const data = view.getUint32(i, true);
    if ((data & 1) === 0) continue;
    const x = data >>> 17;
    const y = (data >>> 2) & 0x7fff;
    checkPixel(x, y, { path, at: () => `${at}, event ${i / eventBytes}`, width, height });
    events.push(overflowUs + (view.getUint32(i + 4, true) & 0x7fffffff), x, y, (data >>> 1) & 1);
  }
}
