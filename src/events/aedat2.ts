/**
 * AEDAT 2.0 (jAER): header lines that start with `#`, then 8 bytes a record, big endian: a 32-bit address and a
 * 32-bit time in microseconds. What the address means depends on the chip that the header names.
 *
 * DVS128: polarity in bit 0 (0 is on), x in bits 1 to 7, y in bits 8 to 14, bit 15 marks other events.
 * DAVIS: y in bits 22 to 30, x in bits 12 to 21, polarity in bit 11 (1 is on), bit 10 marks external events and bit
 * 31 samples of the frame and motion sensors.
 * jAER counts x from the right and y from the bottom; here both count from the top left, as in the other formats.
 *
 * @see iniVation, "AEDAT file formats", AEDAT 2.0
 */
import { ByteFile } from "./byte-file.js";
import { type EventBatch, EventCollector } from "./event-batch.js";
import type { EventReader } from "./event-reader.js";
import { checkPixel, formatError } from "./format-error.js";
import { readTextHeader } from "./text-header.js";

const recordBytes = 8;

/** How the addresses of a chip become pixels. */
interface Chip {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** The event at an address in the chip's own corner, or undefined for records that are no events. */
  readonly decode: (
    address: number,
  ) => { readonly x: number; readonly y: number; readonly on: number } | undefined;
}

const dvs128: Chip = {
  name: "DVS128",
  width: 128,
  height: 128,
  decode: (address) =>
    (address & 0x8000) !== 0
      ? undefined
      : { x: (address >>> 1) & 0x7f, y: (address >>> 8) & 0x7f, on: 1 - (address & 1) },
};

function davis(name: string, width: number, height: number): Chip {
  const decode: Chip["decode"] = (address) =>
    address >>> 31 || address & 0x400
      ? undefined
      : { x: (address >>> 12) & 0x3ff, y: (address >>> 22) & 0x1ff, on: (address >>> 11) & 1 };
  return { name, width, height, decode };
}

/** Tried in this order against the header's AEChip line, most special first. */
const chips: readonly (readonly [pattern: RegExp, chip: Chip])[] = [
  [/davis.?346/i, davis("DAVIS346", 346, 260)],
  [/davis.?208/i, davis("DAVIS208", 208, 192)],
  [/davis.?640/i, davis("DAVIS640", 640, 480)],
  [/davis.?128/i, davis("DAVIS128", 128, 128)],
  [/davis|sbret10/i, davis("DAVIS240", 240, 180)],
  [/dvs128|tmpdiff128/i, dvs128],
];

/** @throws DataFormatError if the header names no known chip; FileError */
export async function openAedat2(path: string): Promise<EventReader> {
  await using file = await ByteFile.open(path);
  const { lines, end } = await readTextHeader(file, { mark: "#", endLine: "End Of ASCII Header" });
  const text = lines.find((line) => /AEChip/i.test(line)) ?? lines.find((line) => /davis|dvs128/i.test(line));
  const chip = chips.find(([pattern]) => text !== undefined && pattern.test(text))?.[1];
  if (chip === undefined) {
    throw formatError({
      path,
      at: 0,
      expected: "a header line AEChip with a DVS128 or DAVIS sensor",
      received: text ? JSON.stringify(text.slice(0, 80)) : "none",
      nextStep: "add the line `# AEChip: …` that jAER writes, or convert the recording to AEDAT 4",
    });
  }
  const { width, height } = chip;
  const header = { chip: chip.name };
  const reader = { path, format: "aedat2", width, height, declaredEvents: undefined, header } as const;
  return { ...reader, batches: () => aedat2Batches(path, end, chip) };
}

async function* aedat2Batches(path: string, start: number, chip: Chip): AsyncGenerator<EventBatch> {
  await using file = await ByteFile.open(path);
  const events = new EventCollector();
  const { width, height, decode } = chip;
  let wraps = 0;
  let last = 0;
  for await (const { bytes, offset } of file.records(start, recordBytes)) {
    for (let i = 0; i < bytes.length; i += recordBytes) {
      const ticks = bytes.readUInt32BE(i + 4);
      // The counter runs over after 71 minutes; small steps back are jitter.
      if (last - ticks > 2 ** 31) wraps++;
      last = ticks;
      const event = decode(bytes.readUInt32BE(i));
      if (event === undefined) continue;
      checkPixel(event.x, event.y, { path, at: offset + i, width, height });
      events.push(wraps * 2 ** 32 + ticks, width - 1 - event.x, height - 1 - event.y, event.on);
    }
    yield events.take();
  }
}
