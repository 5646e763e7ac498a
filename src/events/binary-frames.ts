/** Spikes for a network: did a pixel fire in a step of time? */
import { OptionError } from "../errors.js";
import type { EventBatch } from "./event-batch.js";
import { checkEventsInFrame, type FrameSize, resolveSpan, type TimeSpan } from "./frame-geometry.js";

/**
 * The span cut into T equal steps, with 1 where at least one event of a polarity fell into a pixel and step.
 *
 *     B[k, p, y, x] = 1 if some event has pᵢ = p, (xᵢ, yᵢ) = (x, y) and ⌊T · (tᵢ − start) / (end − start)⌋ = k
 *
 * An event at the very end belongs to the last step; events outside the span are left out.
 *
 * @param events - not changed
 * @param options - `timesteps` T, 1 or more; size of the frames; span of time
 * @returns `[T, 2, H, W]`, on first
 * @throws ShapeError if an event lies outside the frame; OptionError if there are no steps
 */
export function binaryFrames(
  events: EventBatch,
  { timesteps, height, width, ...span }: FrameSize & TimeSpan & { readonly timesteps: number },
): Uint8Array {
  if (!Number.isInteger(timesteps) || timesteps < 1) {
    throw new OptionError(
      `binary frames: expected 1 timestep or more, received ${timesteps}; give a whole number`,
    );
  }
  checkEventsInFrame("binary frames", events, { height, width });
  const { startUs, lengthUs } = resolveSpan(events, span);
  const pixels = height * width;
  const frames = new Uint8Array(timesteps * 2 * pixels);
  for (let i = 0; i < events.length; i++) {
    const share = (events.timestampsUs[i]! - startUs) / lengthUs;
    if (share < 0 || share > 1) continue;
    const step = Math.min(timesteps - 1, Math.floor(timesteps * share));
    const channel = 2 * step + 1 - events.polarity[i]!;
    frames[channel * pixels + events.y[i]! * width + events.x[i]!] = 1;
  }
  return frames;
}
