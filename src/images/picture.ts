/** Photographs from files: JPEG, PNG, WebP, TIFF and GIF through libvips. */
import type { Sharp } from "sharp";
import { DataFormatError } from "../errors.js";
import { readFileBytes } from "../files/index.js";
import { libvipsReason, loadLibvips } from "./libvips.js";
import type { Orientation } from "./orientation.js";
import { maxPixels, type RgbImage } from "./raster.js";
import { isTiff } from "./tiff-mask.js";

/** How names of picture files end, in lower case. */
export const pictureSuffixes: ReadonlySet<string> = new Set([
  ...[".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".gif"],
]);

/** How {@link readPicture} and {@link decodePicture} hold a picture. */
export interface PictureOptions {
  /** Whether the EXIF orientation counts (default `"turned"`: it does). */
  readonly orientation?: Orientation;
}

/**
 * Decodes a picture to RGB bytes; grey becomes three equal channels, transparency is dropped, 16 bits become 8, and
 * real numbers of 0 to 1 become 0 to 255. It is turned as its EXIF orientation says, unless `orientation` is
 * `"stored"`. What libvips only warns of is read, as viewers do.
 *
 * @param bytes - the whole file; not changed
 * @param name - the file, for error messages
 * @param options - whether the EXIF orientation counts
 * @throws DataFormatError if the bytes are no picture, a truncated or visibly damaged one, or of numbers that are no
 * colours
 */
export async function decodePicture(
  bytes: Uint8Array,
  name: string,
  { orientation = "turned" }: PictureOptions = {},
): Promise<RgbImage> {
  const sharp = await loadLibvips();
  try {
    const stored = sharp(bytes, { failOn: "error", limitInputPixels: maxPixels });
    const shown = orientation === "turned" ? stored.autoOrient() : stored;
    const { space = "srgb", depth } = isTiff(bytes) ? await stored.metadata() : {};
    if (depth !== undefined && depth !== "uchar" && depth !== "ushort") {
      return await decodeNumbers(shown, name, { space, depth });
    }
    const { data, info } = await shown
      .toColourspace("srgb")
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { height: info.height, width: info.width, data: toThreeChannels(pixels, info.channels) };
  } catch (error) {
    if (error instanceof DataFormatError) throw error;
    throw new DataFormatError(
      `decode ${name}: expected a complete picture (JPEG, PNG, WebP, TIFF or GIF), received ${bytes.length} bytes that are not one (${libvipsReason(error)}); replace the file or take it out of the list`,
      { cause: error },
    );
  }
}

/**
 * Reads a picture file to RGB bytes, as {@link decodePicture} does.
 *
 * @param path - a JPEG, PNG, WebP, TIFF or GIF
 * @param options - whether the EXIF orientation counts
 * @throws FileError if it cannot be read, DataFormatError if it cannot be decoded
 * @example
 * import { writeFile } from "node:fs/promises";
 * import { encodePicturePng, readPicture } from "snnseg/data";
 *
 * const data = Uint8Array.of(255, 0, 0, 0, 0, 255); // a red and a blue pixel
 * await writeFile("picture.png", encodePicturePng({ height: 1, width: 2, data }));
 * const { height, width, data: rgb } = await readPicture("picture.png");
 * console.log(height, width, rgb); // 1 2 [255, 0, 0, 0, 0, 255]
 */
export async function readPicture(path: string, options: PictureOptions = {}): Promise<RgbImage> {
  return decodePicture(await readFileBytes(path), path, options);
}

/** A TIFF of real numbers 0 … 1, as image libraries write them, or 0 … 255; libvips would cut them to bytes. */
async function decodeNumbers(
  shown: Sharp,
  name: string,
  { space, depth }: { readonly space: string; readonly depth: string },
): Promise<RgbImage> {
  if (depth !== "float") {
    throw new DataFormatError(
      `decode ${name}: expected samples of 8 or 16 bits or float, received ${depth}; save it as an 8-bit picture`,
    );
  }
  const { data, info } = await shown
    .pipelineColourspace(space)
    .toColourspace(space)
    .removeAlpha()
    .raw({ depth: "float" })
    .toBuffer({ resolveWithObject: true });
  const values = new Float32Array(Uint8Array.from(data).buffer);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  // Not (low < 0), so that NaN is refused too.
  if (!(low >= 0 && high <= 255)) {
    throw new DataFormatError(
      `decode ${name}: expected float values of 0 to 1 or 0 to 255, received ${low} to ${high}; scale them, or save it as an 8-bit picture`,
    );
  }
  const scale = high <= 1 ? 255 : 1;
  const pixels = Uint8Array.from(values, (value) => Math.round(scale * value));
  return { height: info.height, width: info.width, data: toThreeChannels(pixels, info.channels) };
}

function toThreeChannels(pixels: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return pixels;
  const rgb = new Uint8Array((pixels.length / channels) * 3);
  for (let i = 0, p = 0; i < rgb.length; i += 3, p += channels) rgb.fill(pixels[p] as number, i, i + 3);
  return rgb;
}
