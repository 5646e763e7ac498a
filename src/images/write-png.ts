/** Pictures and masks to PNG bytes. */
import { encode } from "fast-png";
import type { LabelMap, Rgb, RgbImage } from "./raster.js";

/**
 * An 8-bit true-colour PNG.
 *
 * @param picture - not changed
 */
export function encodePicturePng({ width, height, data }: RgbImage): Uint8Array {
  return encode({ width, height, data, channels: 3, depth: 8 });
}

/**
 * An 8-bit grey PNG whose values are the ids.
 *
 * @param mask - not changed; void stays 255
 */
export function encodeMaskPng({ width, height, data }: LabelMap): Uint8Array {
  return encode({ width, height, data, channels: 1, depth: 8 });
}

/**
 * An 8-bit palette PNG whose indices are the ids; ids without a colour of their own are painted `rest`.
 *
 * @param mask - not changed; void stays 255
 * @param colors - that of id k at place k
 * @param rest - colour of the ids without one (default VOC's colour of void)
 */
export function encodePaletteMaskPng(
  mask: LabelMap,
  colors: readonly Rgb[],
  rest: Rgb = [224, 224, 192],
): Uint8Array {
  const { width, height, data } = mask;
  const palette = Array.from({ length: 256 }, (_, id) => [...(colors[id] ?? rest)]);
  return encode({ width, height, data, channels: 1, depth: 8, palette });
}
