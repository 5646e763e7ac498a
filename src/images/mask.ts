/**
 * Segmentation masks from PNG and TIFF files, as they are stored: values, colours, or both.
 *
 * In a palette PNG the stored index is the value and the palette its colour; in a grey PNG the value is as stored, at
 * every bit depth. What values and colours mean is for the data set to say.
 */
import { type DecodedPng, decode } from "fast-png";
import { DataFormatError } from "../errors.js";
import { readFileBytes } from "../files/index.js";
import { exifOrientation, type Orientation, turnPixels } from "./orientation.js";
import { fewBitSamples } from "./png-samples.js";
import { type PngStructure, pngStructure } from "./png-structure.js";
import { colorKey, type IdMap, type Rgb, type StoredMask } from "./raster.js";
import { decodeTiffMask, isTiff } from "./tiff-mask.js";

/** How names of mask files end, in lower case. */
export const maskSuffixes: ReadonlySet<string> = new Set([".png", ".tif", ".tiff"]);

export interface MaskOptions {
  /** Default `"turned"`. */
  readonly orientation?: Orientation;
}

/**
 * Decodes a mask without interpreting it.
 *
 * @param name - the file, for error messages
 * @throws DataFormatError if the bytes are no complete PNG
 */
export function decodeStoredMask(
  bytes: Uint8Array,
  name: string,
  { orientation = "turned" }: MaskOptions = {},
): StoredMask {
  const structure = pngStructure(bytes, name);
  // The decoder misreads interlaced rows of less than a byte a pixel.
  const stored =
    structure.depth < 8 ? fewBitMask(structure, name) : storedMask(decodePng(bytes, name), structure, name);
  const { exif } = structure;
  if (exif === undefined || orientation === "stored") return stored;
  return turnPixels(stored, exifOrientation(exif));
}

/**
 * Reads and decodes a mask file without interpreting it.
 *
 * @throws FileError if it cannot be read, DataFormatError if it cannot be decoded
 */
export async function readStoredMask(path: string, options: MaskOptions = {}): Promise<StoredMask> {
  const bytes = await readFileBytes(path);
  if (isTiff(bytes)) return decodeTiffMask(bytes, path, options.orientation ?? "turned");
  return decodeStoredMask(bytes, path, options);
}

/**
 * Decodes a mask to the values of its pixels; of true colour only where the three channels are equal everywhere.
 *
 * @param bytes - the whole file, a PNG; not changed
 * @param name - the file, for error messages
 * @throws DataFormatError if the bytes are no complete PNG or hold colours
 */
export function decodeMask(bytes: Uint8Array, name: string): IdMap {
  const mask = decodeStoredMask(bytes, name);
  const { height, width, kind, data } = mask;
  if (kind !== "color") return { height, width, data: data as Uint8Array | Uint16Array };
  const ids = new Uint8Array(data.length);
  for (let i = 0; i < ids.length; i++) {
    const value = greyValue(data[i] as number);
    if (value === undefined) throw colorError(mask, i, { name, known: undefined });
    ids[i] = value;
  }
  return { height, width, data: ids };
}

/**
 * Reads and decodes a mask file to the values of its pixels.
 *
 * @param path - a PNG
 * @throws FileError if it cannot be read, DataFormatError if it is no complete PNG or holds colours
 * @example
 * import { writeFile } from "node:fs/promises";
 * import { encodeMaskPng, readMask } from "snnseg/data";
 *
 * const data = Uint8Array.of(0, 1, 1, 255, 0, 0);
 * await writeFile("mask.png", encodeMaskPng({ height: 2, width: 3, data }));
 * const mask = await readMask("mask.png");
 * console.log(mask.height, mask.width, mask.data); // 2 3 [0, 1, 1, 255, 0, 0]
 */
export async function readMask(path: string): Promise<IdMap> {
  return decodeMask(await readFileBytes(path), path);
}

/** The value that a colour's three channels share. */
export function greyValue(key: number): number | undefined {
  return key === (key & 0xff) * 0x010101 ? key & 0xff : undefined;
}

/** A colour without meaning, at pixel i; `known`: how many colours have one. */
export function colorError(
  { width, data }: StoredMask,
  i: number,
  { name, known }: { readonly name: string; readonly known: number | undefined },
): DataFormatError {
  const key = data[i] as number;
  const expected =
    known === undefined
      ? "a palette or grey mask, or a data set with `colors`"
      : `one of the data set's ${known} colours`;
  return new DataFormatError(
    `decode ${name}: expected ${expected}, received rgb(${key >> 16}, ${(key >> 8) & 255}, ${key & 255}) at column ${i % width}, row ${Math.floor(i / width)}; correct the mask or list the colour of each class`,
  );
}

function decodePng(bytes: Uint8Array, name: string): DecodedPng {
  try {
    return decode(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataFormatError(
      `decode ${name}: expected a sound PNG, received one that is damaged (${reason}); replace the file`,
      { cause: error },
    );
  }
}

function fewBitMask(structure: PngStructure, name: string): StoredMask {
  const { width, height, palette } = structure;
  return { width, height, ...kindOf(palette), data: fewBitSamples(structure, name) };
}

/** Drops an alpha channel. */
function storedMask(
  { width, height, channels, depth, data }: DecodedPng,
  structure: PngStructure,
  name: string,
): StoredMask {
  const { palette } = structure;
  const size = { width, height };
  const count = width * height;
  if (channels > 2) {
    if (depth !== 8) {
      throw new DataFormatError(
        `decode ${name}: expected a mask with 8 bits a colour, received ${depth}; save it with 8 bits`,
      );
    }
    const colors = new Uint32Array(count);
    for (let i = 0, p = 0; i < count; i++, p += channels) {
      colors[i] = colorKey([data[p] as number, data[p + 1] as number, data[p + 2] as number]);
    }
    return { ...size, kind: "color", data: colors };
  }
  const values = depth === 16 ? new Uint16Array(count) : new Uint8Array(count);
  for (let i = 0; i < count; i++) values[i] = data[i * channels] as number;
  return { ...size, ...kindOf(palette), data: values };
}

function kindOf(palette: Uint8Array | undefined): Pick<StoredMask, "kind" | "palette"> {
  if (palette === undefined) return { kind: "grey" };
  const entries = Math.floor(palette.length / 3);
  const keys = Array.from({ length: entries }, (_, k) =>
    colorKey([...palette.subarray(3 * k, 3 * k + 3)] as unknown as Rgb),
  );
  return { kind: "palette", palette: keys };
}
