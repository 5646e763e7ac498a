/** The six channels of Ev-SegNet. */
import type { EventBatch } from "./event-batch.js";
import { checkEventsInFrame, type FrameSize, resolveSpan, type TimeSpan } from "./frame-geometry.js";

/**
 * Counts, and mean and standard deviation of the normalised times, per pixel and polarity.
 *
 *     τᵢ = (tᵢ − start) / (end − start)
 *     N = |S|,  M = Σ τᵢ / N,  D = √(Σ (τᵢ − M)² / N)   over the events S of a pixel and polarity; 0 if none
 *
 * The standard deviation is summed from deviations and not from squares, which would lose half of the digits.
 *
 * @param events - not changed
 * @param options - size of the frame, span of time
 * @returns `[H, W, 6]` as in the data set's files: N₊, N₋, M₊, D₊, M₋, D₋
 * @throws ShapeError if an event lies outside the frame
 * @see Alonso & Murillo 2019, "EV-SegNet: Semantic Segmentation for Event-based Cameras", arXiv:1811.12039
 */
export function evSegNetChannels(
  events: EventBatch,
  { height, width, ...span }: FrameSize & TimeSpan,
): Float32Array {
  checkEventsInFrame("Ev-SegNet channels", events, { height, width });
  const { startUs, lengthUs } = resolveSpan(events, span);
  const pixels = height * width;
  // Welford's running mean and sum of squared deviations, [2, H, W] each, on first.
  const counts = new Float64Array(2 * pixels);
  const means = new Float64Array(2 * pixels);
  const squares = new Float64Array(2 * pixels);
  for (let i = 0; i < events.length; i++) {
    const at = (1 - events.polarity[i]!) * pixels + events.y[i]! * width + events.x[i]!;
    const time = (events.timestampsUs[i]! - startUs) / lengthUs;
    const count = counts[at]! + 1;
    const deviation = time - means[at]!;
    const mean = means[at]! + deviation / count;
    counts[at] = count;
    means[at] = mean;
    squares[at] = squares[at]! + deviation * (time - mean);
  }
  const channels = new Float32Array(6 * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (const off of [0, 1]) {
      const at = off * pixels + pixel;
      if (counts[at] === 0) continue;
      channels[6 * pixel + off] = counts[at]!;
      channels[6 * pixel + 2 + 2 * off] = means[at]!;
      channels[6 * pixel + 3 + 2 * off] = Math.sqrt(Math.max(0, squares[at]! / counts[at]!));
    }
  }
  return channels;
}
