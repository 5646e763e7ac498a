/** What the representations share: the size of the frame, and the span of time that is mapped to it. */
import { ShapeError } from "../errors.js";
import type { EventBatch } from "./event-batch.js";

/** Size of a frame in pixels; events must lie within. */
export interface FrameSize {
  /** Rows H; every event's y is below it. */
  readonly height: number;
  /** Columns W; every event's x is below it. */
  readonly width: number;
}

/** The span of time that a frame shows. */
export interface TimeSpan {
  /** Microseconds (default: the time of the earliest event). */
  readonly startUs?: number;
  /** Microseconds (default: the time of the latest event). */
  readonly endUs?: number;
}

/** @throws ShapeError at the first event outside the frame */
export function checkEventsInFrame(
  operation: string,
  events: EventBatch,
  { height, width }: FrameSize,
): void {
  for (let i = 0; i < events.length; i++) {
    if (events.x[i]! < width && events.y[i]! < height) continue;
    throw new ShapeError(
      `${operation}: expected events within ${width} x ${height} pixels, received x ${events.x[i]}, y ${events.y[i]}; give the sensor's size`,
    );
  }
}

/** Start and length of the span; the length is at least 1 us, so that it can divide. */
export function resolveSpan(
  { timestampsUs, length }: EventBatch,
  { startUs, endUs }: TimeSpan,
): { readonly startUs: number; readonly lengthUs: number } {
  let [first, last] = [Infinity, -Infinity];
  for (let i = 0; i < length; i++) {
    const timeUs = timestampsUs[i]!;
    if (timeUs < first) first = timeUs;
    if (timeUs > last) last = timeUs;
  }
  const start = startUs ?? (length > 0 ? first : 0);
  const end = endUs ?? (length > 0 ? last : start);
  return { startUs: start, lengthUs: Math.max(1, end - start) };
}
