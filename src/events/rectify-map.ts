/** Undoing the distortion of a lens: where each pixel of the sensor belongs in the rectified picture. */
import { type EventBatch, EventCollector } from "./event-batch.js";
import type { FrameSize } from "./frame-geometry.js";

/** Rectified x and y of each sensor pixel: `[H, W, 2]`. */
export interface RectifyMap extends FrameSize {
  /** `[H, W, 2]`: x and y in pixels of the rectified picture, with fractions. */
  readonly data: ArrayLike<number>;
}

/**
 * The events at their rectified, rounded places; those that leave the frame, or come from outside the map, are dropped.
 *
 * @param events - at pixels of the sensor; not changed
 * @param map - of the sensor that the events come from
 * @param size - of the rectified frame
 */
export function rectifyEvents(events: EventBatch, map: RectifyMap, { height, width }: FrameSize): EventBatch {
  const moved = new EventCollector();
  for (let i = 0; i < events.length; i++) {
    const [fromX, fromY] = [events.x[i]!, events.y[i]!];
    if (fromX >= map.width || fromY >= map.height) continue;
    const at = 2 * (fromY * map.width + fromX);
    const x = Math.round(map.data[at]!);
    const y = Math.round(map.data[at + 1]!);
    if (x >= 0 && x < width && y >= 0 && y < height) {
      moved.push(events.timestampsUs[i]!, x, y, events.polarity[i]!);
    }
  }
  return moved.take();
}

/**
 * The events within the top left of a frame; the others are dropped.
 *
 * @param events - not changed
 * @param size - of the frame
 */
export function cropEvents(events: EventBatch, { height, width }: FrameSize): EventBatch {
  const kept = new EventCollector();
  for (let i = 0; i < events.length; i++) {
    const [x, y] = [events.x[i]!, events.y[i]!];
    if (x < width && y < height) kept.push(events.timestampsUs[i]!, x, y, events.polarity[i]!);
  }
  return kept.take();
}
