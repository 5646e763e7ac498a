/** Events as a picture for a canvas: each pixel in the colour of its last event's polarity. */
import type { EventBatch, FrameSize } from "../events/web.js";
import type { Rgb } from "../images/web.js";
import { brighterColor, darkerColor } from "./event-image.js";

/** Colours in which events are drawn. */
export interface EventColors {
  /** Where nothing happened (default white). */
  readonly ground?: Rgb;
  /** Of pixels that got brighter, ON (default blue). */
  readonly brighter?: Rgb;
  /** Of pixels that got darker, OFF (default red). */
  readonly darker?: Rgb;
}

/**
 * Draws events; where a pixel has several, the last one counts.
 *
 * @param events - in the order of time, not changed; those outside the frame are left out
 * @param options - size of the frame in pixels, and colours
 * @returns red, green, blue and opacity of each pixel, `[H, W, 4]`, as `ImageData` takes them
 * @example
 * import { polarityImage } from "snnseg/web";
 *
 * const events = {
 *   timestampsUs: Float64Array.of(0, 400),
 *   x: Uint16Array.of(1, 1),
 *   y: Uint16Array.of(0, 0),
 *   polarity: Uint8Array.of(1, 0),
 *   length: 2,
 * };
 * console.log([...polarityImage(events, { height: 1, width: 2 })]); // white, then red, which came last
 */
export function polarityImage(
  { x, y, polarity, length }: EventBatch,
  {
    height,
    width,
    ground = [255, 255, 255],
    brighter = brighterColor,
    darker = darkerColor,
  }: FrameSize & EventColors,
): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(height * width * 4);
  for (let at = 0; at < rgba.length; at += 4) paint(rgba, at, ground);
  for (let i = 0; i < length; i++) {
    if (x[i]! >= width || y[i]! >= height) continue;
    paint(rgba, 4 * (y[i]! * width + x[i]!), polarity[i] === 1 ? brighter : darker);
  }
  return rgba;
}

function paint(rgba: Uint8ClampedArray, at: number, [red, green, blue]: Rgb): void {
  rgba[at] = red;
  rgba[at + 1] = green;
  rgba[at + 2] = blue;
  rgba[at + 3] = 255;
}
