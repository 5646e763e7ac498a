/** Pictures at another size that stay pictures. */
import type { RgbImage, Size } from "./raster.js";
import { resizePicture } from "./resize.js";

/** A picture at another size, as {@link resizePicture} makes it, rounded to bytes; itself where it has that size. */
export function resizeImage(image: RgbImage, [height, width]: Size): RgbImage {
  if (height === image.height && width === image.width) return image;
  const { data: planes } = resizePicture(image, [height, width]);
  const pixels = height * width;
  const data = Uint8Array.from({ length: 3 * pixels }, (_, i) =>
    Math.round(planes[(i % 3) * pixels + Math.floor(i / 3)]!),
  );
  return { height, width, data };
}
