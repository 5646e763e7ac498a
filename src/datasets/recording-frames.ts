/**
 * A recording without labels as a network on event frames sees it: cut from its first event on into windows of equal
 * time, each of them a frame.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { DataFormatError } from "../errors.js";
import {
  cropEvents,
  type EventBatch,
  type EventFileOptions,
  eventStatistics,
  openEvents,
  readRectifyMap,
  rectifyEvents,
  type Skipped,
  sliceByTime,
} from "../events/index.js";
import { type Planes, resizePlanes, type Size } from "../images/index.js";
import type { Ddd17Spec, DsecSpec, EventsSpec } from "./dataset-spec.js";
import { type EventFrameOptions, eventPlanes } from "./event-frame.js";
import { scaleChannels, scaleColumns } from "./event-scaling.js";

/** A data set that networks on event frames are trained on. */
export type EventDatasetSpec = Ddd17Spec | DsecSpec | EventsSpec;

/** The frame of one window. */
export interface RecordingFrame {
  /** The window `startUs` ≤ t < `endUs`. */
  readonly startUs: number;
  readonly endUs: number;
  /** Number of events in the window and the frame. */
  readonly events: number;
  /** The frame as it was cut, `[C, H, W]`. */
  readonly values: Planes;
  /** Resized and scaled for the network, `[C, h, w]`. */
  readonly input: Float32Array;
}

/** A recording opened for frames; `frames()` reads it with memory for one window. */
export interface RecordingFrames {
  readonly path: string;
  readonly format: string;
  /** Height and width of the frames before they are resized. */
  readonly size: Size;
  readonly windowUs: number;
  readonly windows: number;
  /** What of the recording could not be used. */
  readonly skipped: readonly Skipped[];
  frames(): AsyncGenerator<RecordingFrame>;
}

/**
 * Opens a recording for frames like those of a data set, after reading it once for its length and extent. What data
 * sets cut off, as their labels do not show it, is cut off here too: below row 200 of DDD17's 260, below row 440 of
 * DSEC's 480. DSEC's events are rectified where `rectify_map.h5` lies beside the recording.
 *
 * @param reading - what the file does not say about itself; that of the data set unless given
 * @throws DataFormatError if it is no recording or holds no events, FileError if it cannot be read
 */
export async function openRecordingFrames(
  path: string,
  spec: EventDatasetSpec,
  reading: EventFileOptions = spec.name === "ddd17" ? {} : (spec.reading ?? {}),
): Promise<RecordingFrames> {
  const reader = await openEvents(path, reading);
  const statistics = await eventStatistics(reader);
  const { format, events, firstUs, durationUs, extent, width, height, skipped } = statistics;
  if (events === 0) {
    throw new DataFormatError(
      `open recording ${path}: expected events, received none; choose another recording`,
    );
  }
  const size = shownSize(spec, [height ?? extent[1], width ?? extent[0]]);
  const options = frameOptions(spec);
  const { windowUs } = options;
  const place = await placing(path, spec, size);
  return {
    ...{ path, format, size, skipped, windowUs, windows: Math.floor(durationUs / windowUs) + 1 },
    async *frames() {
      const slices = sliceByTime(reader.batches(), { durationUs: windowUs, startUs: firstUs });
      for await (const { startUs, endUs, events } of slices) {
        const placed = place(events);
        const frame = { height: size[0], width: size[1], startUs, endUs };
        const values = keptChannels(spec, eventPlanes(placed, { ...options, ...frame }));
        const resized = resizePlanes(values, spec.imgSize);
        yield { startUs, endUs, events: placed.length, values, input: scaled(spec, resized) };
      }
    },
  };
}

/** The part of the sensor that the labels of a data set show. */
function shownSize({ name }: EventDatasetSpec, [height, width]: Size): Size {
  if (name === "ddd17" && height === 260 && width === 346) return [200, 346];
  if (name === "dsec" && height === 480 && width === 640) return [440, 640];
  return [height, width];
}

/** Ev-SegNet's frames, of which DDD17's are the first channels, show 50 ms. */
function frameOptions(spec: EventDatasetSpec): EventFrameOptions {
  if (spec.name === "ddd17") return { representation: "ev-segnet", bins: 1, windowUs: 50_000 };
  const { representation = "counts", bins = 5, windowUs = 50_000 } = spec;
  return { representation, bins, windowUs };
}

async function placing(
  path: string,
  { name }: EventDatasetSpec,
  [height, width]: Size,
): Promise<(events: EventBatch) => EventBatch> {
  const file = join(dirname(path), "rectify_map.h5");
  if (name !== "dsec" || !existsSync(file)) return (events) => cropEvents(events, { height, width });
  const map = await readRectifyMap(file);
  return (events) => rectifyEvents(events, map, { height, width });
}

function keptChannels(spec: EventDatasetSpec, planes: Planes): Planes {
  const channels = spec.name === "ddd17" ? (spec.channels ?? 2) : planes.channels;
  const { height, width, data } = planes;
  return { channels, height, width, data: data.subarray(0, channels * height * width) };
}

function scaled(spec: EventDatasetSpec, planes: Planes): Float32Array {
  return spec.name === "ddd17" && spec.scaling === "column" ? scaleColumns(planes) : scaleChannels(planes);
}
