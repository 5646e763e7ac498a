/** Event counts per pixel and polarity. */
import type { EventBatch } from "./event-batch.js";
import { checkEventsInFrame, type FrameSize } from "./frame-geometry.js";

/**
 * The number of events of each pixel.
 *
 *     N[p, y, x] = Σᵢ [pᵢ = p, yᵢ = y, xᵢ = x]
 *
 * @param events - not changed
 * @param size - height and width of the frame
 * @returns `[2, H, W]`: brighter (on) first, as in Ev-SegNet, then darker
 * @throws ShapeError if an event lies outside the frame
 * @example
 * import { countFrame } from "snnseg/events";
 *
 * const events = {
 *   timestampsUs: Float64Array.of(0, 400, 1000),
 *   x: Uint16Array.of(1, 1, 2),
 *   y: Uint16Array.of(0, 0, 1),
 *   polarity: Uint8Array.of(1, 1, 0),
 *   length: 3,
 * };
 * const counts = countFrame(events, { height: 2, width: 3 }); // [2, 2, 3], on first
 * console.log(counts); // [0, 2, 0, 0, 0, 0,  0, 0, 0, 0, 0, 1]
 */
export function countFrame(events: EventBatch, size: FrameSize): Float32Array {
  checkEventsInFrame("count frame", events, size);
  const pixels = size.height * size.width;
  const counts = new Float32Array(2 * pixels);
  for (let i = 0; i < events.length; i++) {
    const at = (1 - events.polarity[i]!) * pixels + events.y[i]! * size.width + events.x[i]!;
    counts[at] = counts[at]! + 1;
  }
  return counts;
}
