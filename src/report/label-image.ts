/** Label maps and network inputs as pictures. */
import type { Rgb, RgbImage } from "../images/web.js";
import { voidLabel } from "../metrics/web.js";
import { voidColor } from "./colors.js";

/**
 * Paints a label map with its classes' colours; void and unlisted ids get {@link voidColor}.
 *
 * @param labels - `[H, W]` class ids
 * @param options - what they mean
 * @param options.size - height H and width W
 * @param options.colors - one a class
 */
export function labelImage(
  labels: ArrayLike<number>,
  {
    size: [height, width],
    colors,
  }: { readonly size: readonly [number, number]; readonly colors: readonly Rgb[] },
): RgbImage {
  const data = new Uint8Array(height * width * 3);
  for (let i = 0; i < height * width; i++) {
    const label = labels[i]!;
    data.set(label === voidLabel ? voidColor : (colors[label] ?? voidColor), i * 3);
  }
  return { height, width, data };
}

/** Enlarges by a whole factor, every pixel a square block, so that label maps stay crisp. */
export function enlarge({ height, width, data }: RgbImage, factor: number): RgbImage {
  const wide = width * factor;
  const result = new Uint8Array(wide * height * factor * 3);
  for (let y = 0; y < height * factor; y++) {
    const row = Math.floor(y / factor) * width;
    for (let x = 0; x < wide; x++) {
      const from = (row + Math.floor(x / factor)) * 3;
      result.set(data.subarray(from, from + 3), (y * wide + x) * 3);
    }
  }
  return { height: height * factor, width: wide, data: result };
}
