/** Events spread over bins of time. */
import { OptionError } from "../errors.js";
import type { EventBatch } from "./event-batch.js";
import { checkEventsInFrame, type FrameSize, resolveSpan, type TimeSpan } from "./frame-geometry.js";

/**
 * Signed events, shared between the two nearest of B moments.
 *
 *     V[b, y, x] = Σᵢ σᵢ · max(0, 1 − |b − τᵢ|),   τᵢ = (B − 1) · (tᵢ − start) / (end − start),   σᵢ = ±1
 *
 * @param events - not changed
 * @param options - `bins` B, 1 or more; size of the frame; span of time
 * @returns `[B, H, W]`; events outside the span count nothing
 * @throws ShapeError if an event lies outside the frame; OptionError if there are no bins
 * @see Zhu, Yuan, Chaney & Daniilidis 2019, arXiv:1812.08156
 * @example
 * import { voxelGrid } from "snnseg/events";
 *
 * const events = {
 *   timestampsUs: Float64Array.of(0, 400, 1000),
 *   x: Uint16Array.of(1, 1, 2),
 *   y: Uint16Array.of(0, 0, 1),
 *   polarity: Uint8Array.of(1, 1, 0),
 *   length: 3,
 * };
 * const grid = voxelGrid(events, { height: 2, width: 3, bins: 2 }); // [2, 2, 3]
 * console.log(grid[1], grid[7]); // pixel (1, 0): 1 + 0.6 at the start, 0.4 at the end
 */
export function voxelGrid(
  events: EventBatch,
  { bins, height, width, ...span }: FrameSize & TimeSpan & { readonly bins: number },
): Float32Array {
  if (!Number.isInteger(bins) || bins < 1) {
    throw new OptionError(`voxel grid: expected 1 bin or more, received ${bins}; give a whole number`);
  }
  checkEventsInFrame("voxel grid", events, { height, width });
  const { startUs, lengthUs } = resolveSpan(events, span);
  const pixels = height * width;
  const grid = new Float32Array(bins * pixels);
  for (let i = 0; i < events.length; i++) {
    const place = ((bins - 1) * (events.timestampsUs[i]! - startUs)) / lengthUs;
    const lower = Math.floor(place);
    const pixel = events.y[i]! * width + events.x[i]!;
    const sign = 2 * events.polarity[i]! - 1;
    const share = place - lower;
    if (lower >= 0 && lower < bins) grid[lower * pixels + pixel]! += sign * (1 - share);
    if (lower >= -1 && lower + 1 < bins) grid[(lower + 1) * pixels + pixel]! += sign * share;
  }
  return grid;
}
