/**
 * How a picture is to be held: the EXIF tag 0x0112, by which cameras say how they were turned.
 *
 * @see CIPA DC-008 (Exif 3.0), section 4.6.5.1; PNG (Third Edition), section 11.3.4.5
 */

/** `"turned"` as the EXIF orientation says and viewers show it; `"stored"`: the pixels as the file has them. */
export type Orientation = "turned" | "stored";

const orientationTag = 0x0112;

/**
 * The orientation 1 … 8 of an EXIF block (a TIFF header and its first directory); 1 where it says none, or nonsense.
 *
 * Viewers ignore a damaged block, so it is no error.
 */
export function exifOrientation(block: Uint8Array): number {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  if (block.length < 14) return 1;
  const littleEndian = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, littleEndian);
  if (directory + 2 > block.length) return 1;
  const entries = view.getUint16(directory, littleEndian);
  for (let i = 0, at = directory + 2; i < entries && at + 12 <= block.length; i++, at += 12) {
    if (view.getUint16(at, littleEndian) !== orientationTag) continue;
    const value = view.getUint16(at + 8, littleEndian);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** Where the shown pixel (row, column) lies in a stored map of `height` x `width`, by orientation. */
const storedPlaces: Readonly<
  Record<number, (y: number, x: number, height: number, width: number) => readonly [number, number]>
> = {
  2: (y, x, _, width) => [y, width - 1 - x],
  3: (y, x, height, width) => [height - 1 - y, width - 1 - x],
  4: (y, x, height) => [height - 1 - y, x],
  5: (y, x) => [x, y],
  6: (y, x, height) => [height - 1 - x, y],
  7: (y, x, height, width) => [height - 1 - x, width - 1 - y],
  8: (y, x, _, width) => [x, width - 1 - y],
};

interface PixelMap {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array | Uint16Array | Uint32Array;
}

/** A map of one value a pixel as an orientation shows it; 5 … 8 swap height and width. */
export function turnPixels<M extends PixelMap>(map: M, orientation: number): M {
  const place = storedPlaces[orientation];
  if (place === undefined) return map;
  const [height, width] = orientation >= 5 ? [map.width, map.height] : [map.height, map.width];
  const data = map.data.slice();
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const [row, column] = place(y, x, map.height, map.width);
      data[i] = map.data[row * map.width + column] as number;
    }
  }
  return { ...map, height, width, data };
}
