/**
 * Writers of every event format, straight from the format descriptions and as plain as can be: an independent
 * second opinion on the readers. Sizes are for tests; nothing here streams.
 */
import { join } from "node:path";
import { type EventBatch, EventCollector } from "../src/events/index.js";
import { Draws } from "../src/random/index.js";

/** Random events on a sensor with times that never fall. */
export function randomEvents(
  count: number,
  { width, height, seed, stepUs = 40 }: { width: number; height: number; seed: number; stepUs?: number },
): EventBatch {
  const draws = new Draws(seed);
  const events = new EventCollector();
  let timeUs = 1000;
  for (let i = 0; i < count; i++) {
    timeUs += draws.integer(stepUs);
    events.push(timeUs, draws.integer(width), draws.integer(height), draws.integer(2));
  }
  return events.take();
}

/** Lines `t x y p` with integer microseconds. */
export function textLines(events: EventBatch): string {
  return rows(events)
    .map(({ t, x, y, p }) => `${t} ${x} ${y} ${p}\n`)
    .join("");
}

export function textFile(events: EventBatch): Buffer {
  return Buffer.from(textLines(events));
}

export function nmnistFile(events: EventBatch): Buffer {
  const records = rows(events).map(({ t, x, y, p }) => {
    const record = Buffer.alloc(5);
    record.writeUIntBE((x * 256 + y) * 2 ** 24 + p * 2 ** 23 + t, 0, 5);
    return record;
  });
  return Buffer.concat(records);
}

export function datFile(
  events: EventBatch,
  header = "% Data file containing CD events.\n% Version 2\n",
): Buffer {
  const records = rows(events).map(({ t, x, y, p }) => words32(t, x + y * 2 ** 14 + p * 2 ** 28));
  return Buffer.concat([Buffer.from(`${header}`), Buffer.from([0x0c, 8]), ...records]);
}

export function evt2File(events: EventBatch, header = "% evt 2.0\n% geometry 640x480\n% end\n"): Buffer {
  const parts: Buffer[] = [Buffer.from(header)];
  let high = -1;
  for (const { t, x, y, p } of rows(events)) {
    if (Math.floor(t / 64) !== high) {
      high = Math.floor(t / 64);
      parts.push(words32(8 * 2 ** 28 + (high % 2 ** 28)));
    }
    parts.push(words32(p * 2 ** 28 + (t % 64) * 2 ** 22 + x * 2 ** 11 + y));
  }
  return Buffer.concat(parts);
}

/** Single events only, and vectors where neighbours share time, row and polarity. */
export function evt3File(events: EventBatch, header = "% evt 3.0\n% geometry 640x480\n% end\n"): Buffer {
  const words: number[] = [];
  const all = rows(events);
  let [high, low, row] = [-1, -1, -1];
  for (let i = 0; i < all.length; ) {
    const { t, x, y, p } = all[i]!;
    if (Math.floor(t / 4096) % 4096 !== high) {
      high = Math.floor(t / 4096) % 4096;
      low = -1;
      words.push(0x8000 + high);
    }
    if (t % 4096 !== low) {
      low = t % 4096;
      words.push(0x6000 + low);
    }
    if (y !== row) {
      row = y;
      words.push(y);
    }
    let run = 1;
    const inRun = (k: number) => {
      const next = all[i + k];
      return next && next.t === t && next.y === y && next.p === p && next.x === x + k;
    };
    while (run < 20 && inRun(run)) run++;
    if (run === 1) words.push(0x2000 + p * 2048 + x);
    else {
      words.push(0x3000 + p * 2048 + x, 0x4000 + (2 ** Math.min(run, 12) - 1));
      if (run > 12) words.push(0x5000 + (2 ** (run - 12) - 1));
    }
    i += run;
  }
  const bytes = Buffer.alloc(words.length * 2);
  words.forEach((word, i) => {
    bytes.writeUInt16LE(word, 2 * i);
  });
  return Buffer.concat([Buffer.from(header), bytes]);
}

/** DAVIS346 addresses with x from the right and y from the bottom, as jAER stores them. */
export function aedat2DavisFile(events: EventBatch): Buffer {
  const header = "#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.Davis346blue\r\n";
  return aedat2(header, events, ({ x, y, p }) => (259 - y) * 2 ** 22 + (345 - x) * 2 ** 12 + p * 2 ** 11);
}

export function aedat2DvsFile(events: EventBatch): Buffer {
  const header = "#!AER-DAT2.0\r\n# AEChip: ch.unizh.ini.jaer.chip.retina.DVS128\r\n#End Of ASCII Header\r\n";
  return aedat2(header, events, ({ x, y, p }) => (127 - y) * 256 + (127 - x) * 2 + (1 - p));
}

function aedat2(header: string, events: EventBatch, address: (event: Row) => number): Buffer {
  const records = rows(events).map((event) => {
    const record = Buffer.alloc(8);
    record.writeUInt32BE(address(event), 0);
    record.writeUInt32BE(event.t % 2 ** 32, 4);
    return record;
  });
  return Buffer.concat([Buffer.from(header), ...records]);
}

/** A DVS128's packets of 100 events, with one of another type between them. */
export function aedat3File(
  events: EventBatch,
  header = "#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n",
): Buffer {
  const all = rows(events);
  const parts: Buffer[] = [Buffer.from(header)];
  for (let i = 0; i < all.length; i += 100) {
    const some = all.slice(i, i + 100);
    const overflow = Math.floor(some[0]!.t / 2 ** 31);
    parts.push(caerPacket({ type: 1, overflow, events: some }));
    parts.push(caerPacket({ type: 0, overflow, events: some.slice(0, 2) }));
  }
  return Buffer.concat(parts);
}

/** Events whose time fits the overflow count; the first of a packet is preceded by one that is not valid. */
function caerPacket({ type, overflow, events }: { type: number; overflow: number; events: Row[] }): Buffer {
  const count = events.length + 1;
  const head = Buffer.alloc(28);
  head.writeInt16LE(type, 0);
  head.writeInt16LE(1, 2);
  [8, 4, overflow, count, count, events.length].forEach((value, i) => {
    head.writeInt32LE(value, 4 + 4 * i);
  });
  const records = events.map(({ t, x, y, p }) =>
    words32(1 + p * 2 + y * 4 + x * 2 ** 17, t - overflow * 2 ** 31),
  );
  return Buffer.concat([head, words32(0, 5), ...records]);
}

/** Puts bytes into a frame of the compression that the header names. */
export interface Packing {
  readonly id: 0 | 1 | 3;
  readonly pack: (bytes: Buffer) => Buffer;
}

export const plainPacking: Packing = { id: 0, pack: (bytes) => bytes };

/** One LZ4 block of literals, and for the last bytes a second block that is stored. */
export const lz4Packing: Packing = {
  id: 1,
  pack: (bytes) => {
    const tail = Math.min(bytes.length, 7);
    const literals = bytes.subarray(0, bytes.length - tail);
    const length: number[] = literals.length < 15 ? [literals.length << 4] : [0xf0];
    for (let rest = literals.length - 15; rest >= 0; rest -= 255) {
      length.push(Math.min(rest, 255));
      if (rest < 255) break;
    }
    const block = Buffer.concat([Buffer.from(length), literals]);
    const stored = words32(2 ** 31 + tail);
    const head = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]);
    return Buffer.concat([head, words32(block.length), block, stored, bytes.subarray(-tail), words32(0)]);
  },
};

/** A Zstandard frame of raw blocks. */
export const zstdPacking: Packing = {
  id: 3,
  pack: (bytes) => {
    const parts = [words32(0xfd2fb528), Buffer.from([0xa0]), words32(bytes.length)];
    for (let at = 0; at < bytes.length; at += 65536) {
      const block = bytes.subarray(at, at + 65536);
      const header = (block.length << 3) | (at + 65536 >= bytes.length ? 1 : 0);
      parts.push(Buffer.from([header & 0xff, (header >> 8) & 0xff, header >> 16]), block);
    }
    return Buffer.concat(parts);
  },
};

/** An AEDAT 4 file with packets of 100 events, a foreign stream between them, and the table at the end. */
export function aedat4File(
  events: EventBatch,
  {
    packing = plainPacking,
    width = 346,
    height = 260,
  }: { packing?: Packing; width?: number; height?: number } = {},
): Buffer {
  const xml =
    `<dv version="2.0"><node name="outInfo" path="/o/"><node name="0" path="/o/0/">` +
    `<attr key="typeIdentifier" type="string">EVTS</attr><node name="info" path="/o/0/info/">` +
    `<attr key="sizeX" type="int">${width}</attr><attr key="sizeY" type="int">${height}</attr>` +
    `<attr key="source" type="string">TEST_1</attr></node></node></node></dv>`;
  const magic = Buffer.from("#!AER-DAT4.0\r\n");
  const all = rows(events);
  const packets: Buffer[] = [];
  const table: { at: number; stream: number; count: number }[] = [];
  const headerBytes = ioHeader(packing.id, 0n, xml).length;
  let at = magic.length + 4 + headerBytes;
  const add = (stream: number, count: number, body: Buffer) => {
    const content = packing.pack(sizePrefixed(body));
    table.push({ at, stream, count });
    packets.push(words32(stream, content.length), content);
    at += 8 + content.length;
  };
  for (let i = 0; i < all.length; i += 100) {
    const some = all.slice(i, i + 100);
    add(0, some.length, eventPacket(some));
    add(2, 3, eventPacket(some.slice(0, 3)));
  }
  const header = ioHeader(packing.id, BigInt(at), xml);
  const end = packing.pack(sizePrefixed(fileTable(table)));
  return Buffer.concat([magic, words32(header.length), header, ...packets, end]);
}

/** A table with one field per entry of `fields`: its bytes, stored behind the table's offset to its vtable. */
function flatTable(fields: readonly (Buffer | undefined)[]): {
  bytes: Buffer;
  tableAt: number;
  at: number[];
} {
  const vtable = Buffer.alloc(4 + 2 * fields.length);
  let at = 4;
  const parts: Buffer[] = [];
  const places: number[] = [];
  fields.forEach((field, i) => {
    places.push(at);
    if (field === undefined) return;
    vtable.writeUInt16LE(at, 4 + 2 * i);
    parts.push(field);
    at += field.length;
  });
  vtable.writeUInt16LE(vtable.length, 0);
  vtable.writeUInt16LE(at, 2);
  const head = Buffer.alloc(4);
  head.writeInt32LE(vtable.length, 0);
  return { bytes: Buffer.concat([vtable, head, ...parts]), tableAt: vtable.length, at: places };
}

function root(identifier: string, table: ReturnType<typeof flatTable>, tail: Buffer): Buffer {
  return Buffer.concat([words32(8 + table.tableAt), Buffer.from(identifier), table.bytes, tail]);
}

function ioHeader(compression: number, tableAt: bigint, xml: string): Buffer {
  const position = Buffer.alloc(8);
  position.writeBigInt64LE(tableAt);
  const text = Buffer.from(xml);
  const table = flatTable([words32(compression), position, words32(4)]);
  return root("IOHE", table, Buffer.concat([words32(text.length), text]));
}

function eventPacket(events: readonly Row[]): Buffer {
  const structs = events.map(({ t, x, y, p }) => {
    const event = Buffer.alloc(16);
    event.writeBigInt64LE(BigInt(t), 0);
    event.writeInt16LE(x, 8);
    event.writeInt16LE(y, 10);
    event.writeUInt8(p, 12);
    return event;
  });
  return root("EVTS", flatTable([words32(4)]), Buffer.concat([words32(events.length), ...structs]));
}

function fileTable(entries: readonly { at: number; stream: number; count: number }[]): Buffer {
  const tables = entries.map(({ at, stream, count }) => {
    const [place, number] = [Buffer.alloc(8), Buffer.alloc(8)];
    place.writeBigInt64LE(BigInt(at));
    number.writeBigInt64LE(BigInt(count));
    return flatTable([place, words32(stream, 0), number]);
  });
  let behind = 4 * tables.length;
  const offsets = tables.map((table, i) => {
    const offset = words32(behind + table.tableAt - 4 * i);
    behind += table.bytes.length;
    return offset;
  });
  const tail = [words32(tables.length), ...offsets, ...tables.map((table) => table.bytes)];
  return root("FTAB", flatTable([words32(4)]), Buffer.concat(tail));
}

function sizePrefixed(body: Buffer): Buffer {
  return Buffer.concat([words32(body.length), body]);
}

/** How others fill DSEC's layout. */
export interface DsecVariation {
  readonly offsetUs?: number;
  readonly chunk?: number;
  /** Another column of times than whole microseconds. */
  readonly times?: Float64Array | BigInt64Array;
  /** Another column of polarities than 0 and 1. */
  readonly polarities?: Int8Array;
  /** Sizes stated in the file. */
  readonly sensor?: { readonly width: number; readonly height: number };
  /** With `ms_to_idx` and `t_offset`. */
  readonly indexed?: boolean;
}

/** Writes DSEC's `events.h5`, blosc with Zstandard as in the original, with h5wasm. */
export async function writeDsecFile(
  path: string,
  events: EventBatch,
  { offsetUs = 0, chunk = 512, times, polarities, sensor, indexed = true }: DsecVariation = {},
): Promise<void> {
  const { File, ready } = await import("h5wasm/node");
  const module = await ready;
  const plugins = new URL("../node_modules/h5wasm-plugins/plugins", import.meta.url).pathname;
  module.insert_plugin_search_path(join(plugins), 0);
  const file = new File(path, "w");
  const group = file.create_group("events");
  const length = events.length;
  const lastMs = Math.floor((events.timestampsUs[length - 1] ?? 0) / 1000);
  const msToIdx = BigInt64Array.from({ length: lastMs + 1 }, (_, ms) => {
    const first = events.timestampsUs.findIndex((t) => t >= ms * 1000);
    return BigInt(first < 0 ? length : first);
  });
  const t = times ?? Uint32Array.from(events.timestampsUs);
  const columns = { t, x: events.x, y: events.y, p: polarities ?? events.polarity };
  const blosc = { compression: 32001, compression_opts: [2, 2, 0, 0, 5, 1, 5] } as const;
  for (const [name, data] of Object.entries(columns)) {
    const opts = [...blosc.compression_opts];
    group.create_dataset({
      name,
      data,
      shape: [length],
      chunks: [chunk],
      compression: blosc.compression,
      compression_opts: opts,
    });
  }
  for (const [name, value] of Object.entries(sensor ?? {})) {
    group.create_dataset({ name, data: Int32Array.of(value), shape: [] });
  }
  if (!indexed) {
    file.close();
    return;
  }
  file.create_dataset({ name: "ms_to_idx", data: msToIdx, shape: [msToIdx.length] });
  file.create_dataset({ name: "t_offset", data: BigInt64Array.of(BigInt(offsetUs)), shape: [] });
  file.close();
}

/** Writes the columns as a recorder does, some events of each in turn. */
export async function writeGrowingFile(
  path: string,
  events: EventBatch,
  { isPacked }: { readonly isPacked: boolean },
): Promise<void> {
  const { File, ready } = await import("h5wasm/node");
  await ready;
  const file = new File(path, "w");
  const group = file.create_group("events");
  const step = 100;
  const columns = { t: Float64Array.from(events.timestampsUs), x: events.x, y: events.y, p: events.polarity };
  for (const [name, data] of Object.entries(columns)) {
    const shape = { shape: [step], maxshape: [null], chunks: [step] };
    const packing = isPacked ? ({ compression: "gzip" } as const) : {};
    group.create_dataset({ name, data: data.slice(0, step), ...shape, ...packing });
  }
  for (let start = step; start < events.length; start += step) {
    for (const [name, data] of Object.entries(columns)) {
      const set = file.get(`events/${name}`) as import("h5wasm/node").Dataset;
      set.resize([start + step]);
      set.write_slice([[start, start + step]], data.slice(start, start + step));
    }
    file.flush();
  }
  file.close();
}

interface Row {
  readonly t: number;
  readonly x: number;
  readonly y: number;
  readonly p: number;
}

function rows(events: EventBatch): Row[] {
  return Array.from(events.timestampsUs, (t, i) => ({
    t,
    x: events.x[i]!,
    y: events.y[i]!,
    p: events.polarity[i]!,
  }));
}

function words32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => {
    bytes.writeUInt32LE(value, 4 * i);
  });
  return bytes;
}
