/** How long ago each pixel last fired. */
import { OptionError } from "../errors.js";
import type { EventBatch } from "./event-batch.js";
import { checkEventsInFrame, type FrameSize, resolveSpan, type TimeSpan } from "./frame-geometry.js";

/**
 * Exponentially faded time of the last event of each pixel and polarity.
 *
 *     S[p, y, x] = exp(−(end − t_last[p, y, x]) / τ),   0 where there was no event
 *
 * @param events - not changed
 * @param options - `tauUs` τ, the time constant in microseconds; size of the frame; span of time
 * @returns `[2, H, W]` in [0, 1], on first; events after `endUs` are left out
 * @throws ShapeError if an event lies outside the frame; OptionError if τ is not positive
 * @see Lagorce et al. 2017, "HOTS", doi:10.1109/TPAMI.2016.2574707
 * @example
 * import { timeSurface } from "snnseg/events";
 *
 * const events = {
 *   timestampsUs: Float64Array.of(0, 400, 1000),
 *   x: Uint16Array.of(1, 1, 2),
 *   y: Uint16Array.of(0, 0, 1),
 *   polarity: Uint8Array.of(1, 1, 0),
 *   length: 3,
 * };
 * const surface = timeSurface(events, { height: 2, width: 3, tauUs: 600 }); // [2, 2, 3]
 * console.log(surface[1], surface[11]); // exp(-1) for the event 600 us ago, 1 for the last
 */
export function timeSurface(
  events: EventBatch,
  { tauUs, height, width, ...span }: FrameSize & TimeSpan & { readonly tauUs: number },
): Float32Array {
  if (!(tauUs > 0)) {
    throw new OptionError(`time surface: expected a positive tau, received ${tauUs}; give microseconds`);
  }
  checkEventsInFrame("time surface", events, { height, width });
  const { startUs, lengthUs } = resolveSpan(events, span);
  const endUs = span.endUs ?? startUs + lengthUs;
  const pixels = height * width;
  const last = new Float64Array(2 * pixels).fill(-Infinity);
  for (let i = 0; i < events.length; i++) {
    const timeUs = events.timestampsUs[i]!;
    const at = (1 - events.polarity[i]!) * pixels + events.y[i]! * width + events.x[i]!;
    if (timeUs <= endUs && timeUs > last[at]!) last[at] = timeUs;
  }
  return Float32Array.from(last, (timeUs) => Math.exp((timeUs - endUs) / tauUs));
}
