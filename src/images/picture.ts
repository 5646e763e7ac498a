/**
 * Photographs from files: JPEG, PNG, WebP, TIFF and GIF through libvips.
 *
 * The orientation tag is not applied: masks are drawn on the stored pixels.
 */
import { DataFormatError } from "../errors.js";
import { readFileBytes } from "../files/index.js";
import { maxPixels, type RgbImage } from "./raster.js";

let libvips: Promise<typeof import("sharp").default> | undefined;

/** Loaded on first use, since it takes a while and data sets of events never need it. */
async function loadLibvips() {
  const { default: sharp } = await import("sharp");
  // Each example is decoded once; a cache of operations would only hold memory.
  sharp.cache(false);
  return sharp;
}

/**
 * Decodes a picture to RGB bytes; grey becomes three equal channels, transparency is dropped, 16 bits become 8.
 *
 * @param name - the file, for error messages
 * @throws DataFormatError if the bytes are no picture, or a truncated or visibly damaged one
 */
export async function decodePicture(bytes: Uint8Array, name: string): Promise<RgbImage> {
  libvips ??= loadLibvips();
  const sharp = await libvips;
  try {
    const { data, info } = await sharp(bytes, { failOn: "warning", limitInputPixels: maxPixels })
      .toColourspace("srgb")
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { height: info.height, width: info.width, data: toThreeChannels(pixels, info.channels) };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] as string) : String(error);
    throw new DataFormatError(
      `decode ${name}: expected a complete picture (JPEG, PNG, WebP, TIFF or GIF), received ${bytes.length} bytes that are not one (${reason}); replace the file or take it out of the list`,
      { cause: error },
    );
  }
}

/**
 * Reads and decodes a picture file.
 *
 * @throws FileError if it cannot be read, DataFormatError if it cannot be decoded
 */
export async function readPicture(path: string): Promise<RgbImage> {
  return decodePicture(await readFileBytes(path), path);
}

function toThreeChannels(pixels: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return pixels;
  const rgb = new Uint8Array((pixels.length / channels) * 3);
  for (let i = 0, p = 0; i < rgb.length; i += 3, p += channels) rgb.fill(pixels[p] as number, i, i + 3);
  return rgb;
}
