/** Frames of events as pictures: brighter pixels blue, darker ones red, on white. */
import type { Rgb, RgbImage } from "../images/web.js";

export const brighterColor: Rgb = [0, 0, 255];
export const darkerColor: Rgb = [255, 0, 0];

/** A few pixels that fire all the time may not make the others invisible. */
const brightestShare = 0.98;

/**
 * Draws one frame, `[C, H, W]`.
 *
 * Without negative values the first two channels are brighter and darker events. Otherwise the channels are signed,
 * as those of voxel grids, and their positive and negative parts are added up. Full colour is the value that
 * all but 2 % of the pixels with events stay below.
 *
 * @param frame - `[C, H, W]`, not changed
 * @param options - what the frame is
 * @param options.channels - C
 * @param options.size - height H and width W
 * @returns `[H, W, 3]`
 */
export function eventImage(
  frame: Float32Array,
  {
    channels,
    size: [height, width],
  }: { readonly channels: number; readonly size: readonly [number, number] },
): RgbImage {
  const pixels = height * width;
  const [brighter, darker] = polarities(frame.subarray(0, channels * pixels), pixels);
  const present = Float32Array.from([...brighter, ...darker].filter((value) => value > 0)).sort();
  const full = present[Math.min(present.length - 1, Math.floor(present.length * brightestShare))] ?? 1;
  const data = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    const blue = Math.min(1, brighter[i]! / full);
    const red = Math.min(1, darker[i]! / full);
    data[i * 3] = Math.round(255 * (1 - blue));
    data[i * 3 + 1] = Math.round(255 * (1 - Math.max(blue, red)));
    data[i * 3 + 2] = Math.round(255 * (1 - red));
  }
  return { height, width, data };
}

function polarities(frame: Float32Array, pixels: number): readonly [Float32Array, Float32Array] {
  const isSigned = frame.some((value) => value < 0);
  if (!isSigned && frame.length >= 2 * pixels) {
    return [frame.subarray(0, pixels), frame.subarray(pixels, 2 * pixels)];
  }
  const [brighter, darker] = [new Float32Array(pixels), new Float32Array(pixels)];
  frame.forEach((value, i) => {
    const part = value > 0 ? brighter : darker;
    part[i % pixels]! += Math.abs(value);
  });
  return [brighter, darker];
}
