/**
 * A recording without labels as a network on event frames sees it: cut from its first event on into windows of equal
 * time, each of them a frame.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { DataFormatError } from "../../errors.js";
import {
  type EventFileOptions,
  eventStatistics,
  openEvents,
  type RectifyMap,
  readRectifyMap,
  type Skipped,
  sliceByTime,
} from "../../events/index.js";
import type { Planes, Size } from "../../images/index.js";
import { eventPreparation } from "../prepare/event-preparation.js";
import { cutFrame, type EventFraming } from "./event-framing.js";

/** The frame of one window. */
export interface RecordingFrame {
  /** Start of the window in microseconds, included. */
  readonly startUs: number;
  /** End of the window in microseconds, not included. */
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
  /** As it was opened. */
  readonly path: string;
  /** What the file was recognised as, such as `aedat4`. */
  readonly format: string;
  /** Height and width of the frames before they are resized. */
  readonly size: Size;
  /** Length of a window in microseconds. */
  readonly windowUs: number;
  /** Number of windows, and so of frames. */
  readonly windows: number;
  /** What of the recording could not be used. */
  readonly skipped: readonly Skipped[];
  /** Cuts the frames one by one, in the order of time; each call reads the recording anew. */
  frames(): AsyncGenerator<RecordingFrame>;
}

/**
 * Opens a recording for frames, after reading it once for its length and extent.
 *
 * @param framing - that of a data set: what its labels do not show is cut off here too
 * @param reading - what the file does not say about itself
 * @throws DataFormatError if it is no recording or holds no events, FileError if it cannot be read
 */
export async function framesOfRecording(
  path: string,
  framing: EventFraming,
  { imgSize, reading }: { readonly imgSize: Size; readonly reading: EventFileOptions },
): Promise<RecordingFrames> {
  const reader = await openEvents(path, reading);
  const statistics = await eventStatistics(reader);
  const { format, events, firstUs, durationUs, extent, width, height, skipped } = statistics;
  if (events === 0) {
    throw new DataFormatError(
      `open recording ${path}: expected events, received none; choose another recording`,
    );
  }
  const { frame, channels, scaling } = framing;
  const { windowUs } = frame;
  const size = shownSize(framing, [height ?? extent[1], width ?? extent[0]]);
  const map = await mapBeside(path, framing);
  const { resize, normalise } = eventPreparation({ size: imgSize, scaling });
  return {
    ...{ path, format, size, skipped, windowUs, windows: Math.floor(durationUs / windowUs) + 1 },
    async *frames() {
      const slices = sliceByTime(reader.batches(), { durationUs: windowUs, startUs: firstUs });
      for await (const { startUs, endUs, events } of slices) {
        const cut = cutFrame(events, { frame, map, size, startUs });
        const values = firstPlanes(cut.values, channels);
        yield { startUs, endUs, events: cut.events, values, input: normalise(resize(values)) };
      }
    },
  };
}

/** The part of the sensor that labels show. */
function shownSize({ shown }: EventFraming, [height, width]: Size): Size {
  const isKnown = shown !== undefined && shown.sensor[0] === height && shown.sensor[1] === width;
  return isKnown ? shown.labels : [height, width];
}

async function mapBeside(path: string, { rectifyMap }: EventFraming): Promise<RectifyMap | undefined> {
  if (rectifyMap === undefined) return undefined;
  const file = join(dirname(path), rectifyMap);
  return existsSync(file) ? readRectifyMap(file) : undefined;
}

function firstPlanes({ height, width, data }: Planes, channels: number): Planes {
  return { channels, height, width, data: data.subarray(0, channels * height * width) };
}
