/** Writing DSEC's HDF5 files: what `openDsecEvents` and `readRectifyMap` read. */
import { OptionError } from "../errors.js";
import type { EventBatch } from "./event-batch.js";
import type { SensorSize } from "./event-reader.js";
import type { Hdf5Set } from "./hdf5-worker.js";
import { writeHdf5 } from "./hdf5-write.js";
import type { RectifyMap } from "./rectify-map.js";

const chunk = 65_536;
const endUs = 2 ** 32;

/**
 * The bytes of an `events.h5`: the columns `events/{t,x,y,p}`, `ms_to_idx` (the index of the first event of each millisecond), `t_offset` 0, and the
 * sensor as `events/width` and `events/height`.
 *
 * @param events - in the order of time, in whole microseconds from 0 to 2³² − 1; not changed
 * @param sensor - columns and rows
 * @throws OptionError if a time does not fit the format's 32 bits; FileError if there is no room for temporary files
 */
export async function encodeDsecEvents(
  { timestampsUs, x, y, polarity, length }: EventBatch,
  { width, height }: SensorSize,
): Promise<Uint8Array<ArrayBuffer>> {
  const [first = 0, last = 0] = [timestampsUs[0], timestampsUs[length - 1]];
  if (first < 0 || last >= endUs) {
    throw new OptionError(
      `write DSEC events: expected times from 0 to ${endUs - 1} µs, received ${first} to ${last}; cut the recording, or write EVT 3.0`,
    );
  }
  const column = (data: Hdf5Set["data"]) => [
    { shape: [length], data, ...(length > 0 && { chunks: [Math.min(chunk, length)] }) },
  ];
  const [t, columnX, columnY, p] = [Uint32Array.from(timestampsUs), x, y, polarity].flatMap(column);
  const scalar = (value: number): Hdf5Set => ({ shape: [], data: Uint32Array.of(value) });
  const index = millisecondIndex(timestampsUs);
  return writeHdf5(
    new Map<string, Hdf5Set | ReadonlyMap<string, Hdf5Set>>([
      [
        "events",
        new Map([
          ...([
            ["t", t!],
            ["x", columnX!],
            ["y", columnY!],
            ["p", p!],
          ] as const),
          ...([
            ["width", scalar(width)],
            ["height", scalar(height)],
          ] as const),
        ]),
      ],
      ["ms_to_idx", { shape: [index.length], data: index }],
      ["t_offset", { shape: [], data: BigInt64Array.of(0n) }],
    ]),
  );
}

/** For each millisecond up to that of the last event: how many events come before it. */
function millisecondIndex(timestampsUs: Float64Array): BigUint64Array {
  const index = new BigUint64Array(Math.floor((timestampsUs.at(-1) ?? 0) / 1000) + 1);
  let event = 0;
  for (let ms = 0; ms < index.length; ms++) {
    while (timestampsUs[event]! < ms * 1000) event++;
    index[ms] = BigInt(event);
  }
  return index;
}

/**
 * The bytes of a `rectify_map.h5`.
 *
 * @param map - of each pixel of the sensor; not changed
 * @throws FileError if there is no room for temporary files
 */
export function encodeRectifyMap({ height, width, data }: RectifyMap): Promise<Uint8Array<ArrayBuffer>> {
  return writeHdf5(new Map([["rectify_map", { shape: [height, width, 2], data: Float32Array.from(data) }]]));
}
