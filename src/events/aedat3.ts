/**
 * AEDAT 3.1 (cAER), as of DVS128 Gesture: header lines that start with `#` up to `#!END-HEADER`, then packets
 * ({@link CaerPacket}). Frames, IMU samples and special events are passed over. Pixels count from the top left.
 *
 * @see iniVation, "AEDAT file formats", AEDAT 3.1
 */
import type { ByteSource } from "./byte-file.js";
import { addCaerEvents, caerHeaderBytes, statedPayloadBytes } from "./caer-packet.js";
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
import { readAhead } from "./read-ahead.js";
import { readTextHeader } from "./text-header.js";

/** 64 MiB hold 8 million events; cAER writes some milliseconds a packet, and frames of a megabyte. */
const largestPayload = 64 * 1024 * 1024;

/** Sensors that the line `#Source 1: NAME` may name, most special first. */
const sensors: readonly (readonly [pattern: RegExp, size: SensorSize])[] = [
  [/davis.?346/i, { width: 346, height: 260 }],
  [/davis.?208/i, { width: 208, height: 192 }],
  [/davis.?640/i, { width: 640, height: 480 }],
  [/davis.?240/i, { width: 240, height: 180 }],
  [/(davis|dvs).?128/i, { width: 128, height: 128 }],
];

/** @throws DataFormatError if the header has no end, or names a packed format; FileError */
export async function openAedat3(source: ByteSource, options: EventFileOptions): Promise<EventFile> {
  await using file = await source.open();
  const path = source.name;
  const endLine = "!END-HEADER";
  const { lines, end } = await readTextHeader(file, { mark: "#", endLine });
  const field = (name: RegExp) =>
    lines
      .map((line) => name.exec(line)?.[1])
      .find(Boolean)
      ?.trim();
  const format = field(/^Format:(.*)/i) ?? "RAW";
  if (lines.at(-1) !== endLine || format !== "RAW") {
    throw formatError({
      path,
      at: 0,
      expected: `an AEDAT 3.1 header of format RAW that ends with #${endLine}`,
      received: `format ${format}, last line ${JSON.stringify(lines.at(-1)?.slice(0, 80))}`,
      nextStep: "convert the recording to AEDAT 4",
    });
  }
  const camera = field(/^Source \d+:(.*)/i) ?? "";
  const stated = sensors.find(([pattern]) => pattern.test(camera))?.[1] ?? {};
  const sensor = sensorOf(path, stated, options);
  const head = {
    path,
    format: "aedat3",
    ...sensor,
    declaredEvents: undefined,
    header: { source: camera },
  } as const;
  return { ...head, read: aedat3Events(source, { start: end, ...boundsOf(sensor) }) };
}

function aedat3Events(source: ByteSource, reading: EventReading): ReadEvents {
  const { start, ...size } = reading;
  return async function* (log, mark) {
    await using file = readAhead(await source.open());
    const events = new EventCollector();
    for (let at = start; at < file.size; ) {
      const header = await file.read(at, caerHeaderBytes);
      const packetAt = at;
      const length = header.length === caerHeaderBytes ? statedPayloadBytes(header) : 0;
      const left = file.size - at - caerHeaderBytes;
      if (header.length < caerHeaderBytes || length < 0 || length > left || length > largestPayload) {
        log.skip("cut-end", () => ({
          at: packetAt,
          expected: `a packet header and at most ${Math.max(0, left)} bytes`,
          received:
            header.length < caerHeaderBytes ? `${header.length} bytes` : `a packet of ${length} bytes`,
        }));
        return;
      }
      const payload = await file.read(at + caerHeaderBytes, length);
      addCaerEvents(events, { header, payload, at: () => `packet at byte ${packetAt}`, log, ...size });
      at += caerHeaderBytes + length;
      if (events.length === 0) continue;
      mark?.(aedat3Events(source, { ...reading, start: at }));
      yield events.take();
    }
  };
}
