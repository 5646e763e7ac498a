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
import { type ByteSource, recordPieces } from "./byte-file.js";
import { EventCollector } from "./event-batch.js";
import {
  type EventFile,
  type EventFileOptions,
  type ReadEvents,
  type SensorSize,
  sensorOf,
} from "./event-reader.js";
import { formatError } from "./format-error.js";
import { readTextHeader } from "./text-header.js";
import { UnwrappedClock } from "./unwrapped-clock.js";

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

/** @throws DataFormatError if neither the header nor the options name a known chip; FileError */
export async function openAedat2(source: ByteSource, options: EventFileOptions): Promise<EventFile> {
  await using file = await source.open();
  const path = source.name;
  const { lines, end } = await readTextHeader(file, { mark: "#", endLine: "End Of ASCII Header" });
  // Only this line names the chip: comments may hold the name of a host or a program.
  const line = lines.find((text) => /^AEChip\b/i.test(text));
  const chip = line === undefined ? chipOfSize(options.sensor) : chipOfName(line);
  if (chip === undefined) {
    throw formatError({
      path,
      at: 0,
      expected: "a header line AEChip with a DVS128 or DAVIS sensor",
      received: line === undefined ? noChip(options.sensor) : JSON.stringify(line.slice(0, 80)),
      nextStep:
        line === undefined
          ? `say it with --sensor WxH (${knownSizes()})`
          : "convert the recording to AEDAT 4",
    });
  }
  const sensor = sensorOf(path, chip, options);
  const header = { chip: chip.name };
  const head = { path, format: "aedat2", ...sensor, declaredEvents: undefined, header } as const;
  return { ...head, read: aedat2Events(source, { start: end, chip, clock: new UnwrappedClock(32) }) };
}

function chipOfName(line: string): Chip | undefined {
  return chips.find(([pattern]) => pattern.test(line))?.[1];
}

/** Of two chips of one size the first: jAER's and converted recordings of 128x128 are a DVS128's. */
function chipOfSize(sensor: SensorSize | undefined): Chip | undefined {
  return [dvs128, ...chips.map(([, chip]) => chip)].find(
    ({ width, height }) => width === sensor?.width && height === sensor.height,
  );
}

function noChip(sensor: SensorSize | undefined): string {
  return sensor === undefined ? "none" : `none, and a sensor of ${sizeText(sensor)}`;
}

function knownSizes(): string {
  return [...new Set(chips.map(([, chip]) => sizeText(chip)))].join(", ");
}

function sizeText({ width, height }: SensorSize): string {
  return `${width}x${height}`;
}

interface Reading {
  readonly start: number;
  readonly chip: Chip;
  /** At the start; not changed. */
  readonly clock: UnwrappedClock;
}

function aedat2Events(source: ByteSource, reading: Reading): ReadEvents {
  const { start, chip } = reading;
  const { width, height, decode } = chip;
  return async function* (log, mark) {
    await using file = await source.open();
    const events = new EventCollector();
    const clock = reading.clock.copy();
    for await (const { view, offset } of recordPieces(file, { start, recordBytes, log })) {
      for (let i = 0; i < view.byteLength; i += recordBytes) {
        const timeUs = clock.next(view.getUint32(i + 4));
        const event = decode(view.getUint32(i));
        if (event === undefined) continue;
        const { x, y, on } = event;
        if (x < width && y < height) events.push(timeUs, width - 1 - x, height - 1 - y, on);
        else log.outside(x, y, { at: offset + i, width, height });
      }
      mark?.(aedat2Events(source, { chip, start: offset + view.byteLength, clock: clock.copy() }));
      yield events.take();
    }
  };
}
