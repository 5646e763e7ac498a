/**
 * Segmentation masks from PNG files.
 *
 * In a palette PNG the stored index is the id and the palette only paints it; in a grey PNG the value is the id, as
 * stored, at every bit depth. Only a mask in true colour needs a colour map.
 */
import { type DecodedPng, decode } from "fast-png";
import { DataFormatError } from "../errors.js";
import { readFileBytes } from "../files/index.js";
import { checkPngStructure } from "./png-structure.js";
import type { IdMap, Rgb } from "./raster.js";

/** What colours of a true-colour mask mean: id of each colour. */
export type ColorMap = ReadonlyMap<number, number>;

/** A colour as one number, the key of a {@link ColorMap}. */
export function colorKey([red, green, blue]: Rgb): number {
  return (red << 16) | (green << 8) | blue;
}

/**
 * Decodes a mask to the ids its pixels hold.
 *
 * @param name - the file, for error messages
 * @param colors - for masks in true colour; without it only those whose channels are equal everywhere are read
 * @throws DataFormatError if the bytes are no complete PNG or a colour has no meaning
 */
export function decodeMask(bytes: Uint8Array, name: string, colors?: ColorMap): IdMap {
  checkPngStructure(bytes, name);
  const png = decodePng(bytes, name);
  const { width, height } = png;
  if (png.channels <= 2) return { width, height, data: firstChannel(png) };
  if (png.depth !== 8) {
    throw new DataFormatError(
      `decode ${name}: expected a mask with 8 bits a colour, received ${png.depth}; save it with 8 bits`,
    );
  }
  return { width, height, data: idsOfColors(png, name, colors) };
}

/**
 * Reads and decodes a mask file.
 *
 * @throws FileError if it cannot be read, DataFormatError if it cannot be decoded
 */
export async function readMask(path: string, colors?: ColorMap): Promise<IdMap> {
  return decodeMask(await readFileBytes(path), path, colors);
}

function decodePng(bytes: Uint8Array, name: string): DecodedPng {
  try {
    return decode(bytes, { checkCrc: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataFormatError(
      `decode ${name}: expected a sound PNG, received one that is damaged (${reason}); replace the file`,
      { cause: error },
    );
  }
}

/** Unpacks 1, 2 and 4 bits a pixel and drops an alpha channel. */
function firstChannel({ width, height, depth, channels, data }: DecodedPng): Uint8Array | Uint16Array {
  if (depth === 16)
    return Uint16Array.from({ length: width * height }, (_, i) => data[i * channels] as number);
  const ids = new Uint8Array(width * height);
  if (depth === 8) {
    for (let i = 0; i < ids.length; i++) ids[i] = data[i * channels] as number;
    return ids;
  }
  const perByte = 8 / depth;
  const rowBytes = Math.ceil(width / perByte);
  const mask = (1 << depth) - 1;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const byte = data[y * rowBytes + Math.floor(x / perByte)] as number;
      ids[i] = (byte >> (8 - depth * (1 + (x % perByte)))) & mask;
    }
  }
  return ids;
}

function idsOfColors(
  { width, height, channels, data }: DecodedPng,
  name: string,
  colors?: ColorMap,
): Uint8Array {
  const ids = new Uint8Array(width * height);
  for (let i = 0, p = 0; i < ids.length; i++, p += channels) {
    const color = [data[p], data[p + 1], data[p + 2]] as unknown as Rgb;
    const grey = color[0] === color[1] && color[1] === color[2] ? color[0] : undefined;
    const id = colors === undefined ? grey : colors.get(colorKey(color));
    if (id === undefined) {
      const known =
        colors === undefined
          ? "a palette or grey mask, or a data set with `colors`"
          : `one of the data set's ${colors.size} colours`;
      throw new DataFormatError(
        `decode ${name}: expected ${known}, received rgb(${color.join(", ")}) at column ${i % width}, row ${Math.floor(i / width)}; correct the mask or list the colour of each class`,
      );
    }
    ids[i] = id;
  }
  return ids;
}
