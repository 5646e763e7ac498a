/** Pictures in a row as an animation. */
import { extname } from "node:path";
import { OptionError } from "../errors.js";
import { loadLibvips } from "./libvips.js";
import type { RgbImage } from "./raster.js";

const formats = [".gif", ".webp"];

/** @throws OptionError unless the name ends in .gif or .webp */
export function checkAnimationName(path: string): void {
  if (formats.includes(extname(path).toLowerCase())) return;
  throw new OptionError(
    `write animation ${path}: expected a name that ends in ${formats.join(" or ")}, received ${extname(path) || "none"}; rename it`,
  );
}

/**
 * Encodes pictures of one size as a GIF or WebP that repeats for ever.
 *
 * @param path - its suffix decides about the format
 * @param delayMs - time that each picture is shown
 * @throws OptionError if the suffix is neither, or there are no pictures or of different sizes
 */
export async function encodeAnimation(
  pictures: readonly RgbImage[],
  { path, delayMs }: { readonly path: string; readonly delayMs: number },
): Promise<Uint8Array> {
  checkAnimationName(path);
  const { height = 0, width = 0 } = pictures[0] ?? {};
  const other = pictures.find((picture) => picture.height !== height || picture.width !== width);
  if (pictures.length === 0 || other !== undefined) {
    throw new OptionError(
      `write animation ${path}: expected pictures of one size, received ${other === undefined ? "none" : `${height}x${width} and ${other.height}x${other.width}`}; choose others`,
    );
  }
  const sharp = await loadLibvips();
  const pixels = Buffer.concat(pictures.map(({ data }) => data));
  const raw = { width, height: height * pictures.length, channels: 3, pageHeight: height } as const;
  const delay = new Array<number>(pictures.length).fill(delayMs);
  const image = sharp(pixels, { raw, limitInputPixels: false });
  return path.toLowerCase().endsWith(".gif")
    ? image.gif({ delay, loop: 0 }).toBuffer()
    : image.webp({ delay, loop: 0, lossless: true }).toBuffer();
}
