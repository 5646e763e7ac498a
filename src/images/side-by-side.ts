/** Pictures put together to one. */
import { ShapeError } from "../errors.js";
import type { RgbImage } from "./raster.js";

/**
 * Puts pictures into one row or one column.
 *
 * @param pictures - not changed
 * @param direction - `"across"`: from left to right; `"down"`: from top to bottom
 * @throws ShapeError if their heights (across) or widths (down) differ
 */
export function sideBySide(pictures: readonly RgbImage[], direction: "across" | "down"): RgbImage {
  const { height = 0, width = 0 } = pictures[0] ?? {};
  for (const picture of pictures) {
    if (direction === "across" ? picture.height === height : picture.width === width) continue;
    throw new ShapeError(
      `put pictures ${direction}: expected ${direction === "across" ? `height ${height}` : `width ${width}`}, received ${picture.height}x${picture.width} (height x width); choose pictures of one size`,
    );
  }
  if (direction === "down") {
    const high = pictures.reduce((sum, picture) => sum + picture.height, 0);
    const data = new Uint8Array(high * width * 3);
    let at = 0;
    for (const picture of pictures) {
      data.set(picture.data, at);
      at += picture.data.length;
    }
    return { height: high, width, data };
  }
  const wide = pictures.reduce((sum, picture) => sum + picture.width, 0);
  const data = new Uint8Array(height * wide * 3);
  let left = 0;
  for (const picture of pictures) {
    const rowBytes = picture.width * 3;
    for (let y = 0; y < height; y++) {
      data.set(picture.data.subarray(y * rowBytes, (y + 1) * rowBytes), (y * wide + left) * 3);
    }
    left += picture.width;
  }
  return { height, width: wide, data };
}
