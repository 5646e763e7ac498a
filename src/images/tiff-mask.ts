/** Segmentation masks from TIFF files, as mapping tools and microscopes write them: grey values, or colours. */
import { DataFormatError } from "../errors.js";
import { libvipsReason, loadLibvips } from "./libvips.js";
import type { Orientation } from "./orientation.js";
import { colorKey, maxPixels, type StoredMask } from "./raster.js";

/** Whether a file begins as TIFFs do. */
export function isTiff(bytes: Uint8Array): boolean {
  return ["II*\0", "MM\0*", "II+\0", "MM\0+"].includes(String.fromCharCode(...bytes.subarray(0, 4)));
}

/**
 * Decodes a TIFF mask without interpreting it.
 *
 * @param name - the file, for error messages
 * @throws DataFormatError if it is damaged, or of values that libvips would change: palettes, less than 8 bits, signs
 */
export async function decodeTiffMask(
  bytes: Uint8Array,
  name: string,
  orientation: Orientation,
): Promise<StoredMask> {
  const sharp = await loadLibvips();
  const file = sharp(bytes, { failOn: "error", limitInputPixels: maxPixels });
  const { depth, isPalette, bitsPerSample, channels } = await file.metadata().catch(damaged(name));
  const kind = isPalette ? "a palette" : `${channels} channels of ${bitsPerSample} bits (${depth})`;
  const isWide = depth === "ushort" && channels === 1;
  if (isPalette || !(isWide || (depth === "uchar" && bitsPerSample === 8))) {
    throw new DataFormatError(
      `decode ${name}: expected a TIFF mask of 8 or 16 bits grey or 8 bits a colour, received ${kind}; save it as PNG, which keeps the values`,
    );
  }
  const space = channels < 3 ? (isWide ? "grey16" : "b-w") : "srgb";
  const shown = orientation === "turned" ? file.autoOrient() : file;
  const { data, info } = await shown
    .pipelineColourspace(space)
    .toColourspace(space)
    .removeAlpha()
    .raw({ depth: isWide ? "ushort" : "uchar" })
    .toBuffer({ resolveWithObject: true })
    .catch(damaged(name));
  const { height, width } = info;
  const values = Uint8Array.from(data);
  if (info.channels === 3) {
    const keys = Uint32Array.from({ length: height * width }, (_, i) =>
      colorKey([values[3 * i]!, values[3 * i + 1]!, values[3 * i + 2]!]),
    );
    return { height, width, kind: "color", data: keys };
  }
  return { height, width, kind: "grey", data: isWide ? new Uint16Array(values.buffer) : values };
}

function damaged(name: string) {
  return (error: unknown): never => {
    throw new DataFormatError(
      `decode ${name}: expected a sound TIFF, received one that is damaged (${libvipsReason(error)}); replace the file`,
      { cause: error },
    );
  };
}
