/** Bringing event maps to a fixed range. */
import type { Planes } from "../../images/web.js";

/** Ranges below this count as constant: ten times the spacing of float32 at 1. */
const smallestRange = 10 * 2 ** -23;

/**
 * Scales every channel to [−0.5, 0.5].
 *
 *     y = (x − min) / (max − min) − 0.5;  a constant channel becomes −0.5
 */
export function scaleChannels({ channels, height, width, data }: Planes): Float32Array {
  const scaled = new Float32Array(data.length);
  const pixels = height * width;
  for (let c = 0; c < channels; c++) scaleStride(data, scaled, { start: c * pixels, step: 1, count: pixels });
  return scaled;
}

/** Scales every column of every channel on its own, as the reference does; the same formula over a column. */
export function scaleColumns({ channels, height, width, data }: Planes): Float32Array {
  const scaled = new Float32Array(data.length);
  for (let c = 0; c < channels; c++) {
    for (let x = 0; x < width; x++) {
      scaleStride(data, scaled, { start: c * height * width + x, step: width, count: height });
    }
  }
  return scaled;
}

function scaleStride(
  from: Float32Array,
  to: Float32Array,
  { start, step, count }: { readonly start: number; readonly step: number; readonly count: number },
): void {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let k = 0, i = start; k < count; k++, i += step) {
    low = Math.min(low, from[i] as number);
    high = Math.max(high, from[i] as number);
  }
  const range = high - low < smallestRange ? 1 : high - low;
  for (let k = 0, i = start; k < count; k++, i += step) to[i] = ((from[i] as number) - low) / range - 0.5;
}
