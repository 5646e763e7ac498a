/** Event counts per pixel and polarity. */
import type { EventBatch } from "./event-batch.js";
import { checkEventsInFrame, type FrameSize } from "./frame-geometry.js";

/**
 * The number of events of each pixel.
 *
 *     N[p, y, x] = Σᵢ [pᵢ = p, yᵢ = y, xᵢ = x]
 *
 * @returns `[2, H, W]`: brighter (on) first, as in Ev-SegNet, then darker
 * @throws ShapeError if an event lies outside the frame
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
