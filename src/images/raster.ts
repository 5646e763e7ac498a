/** The forms in which pictures and masks travel through the project. */

/** A colour: red, green, blue, each 0 … 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Height and width in pixels. */
export type Size = readonly [height: number, width: number];

/** A colour picture: `data` is `[H, W, 3]` bytes, RGB. */
export interface RgbImage {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/** One id a pixel: `data` is `[H, W]`; 16-bit only where the file was. */
export interface IdMap {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array | Uint16Array;
}

/** A class a pixel: `data` is `[H, W]`, 255 is void. */
export interface LabelMap {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/** Real-valued channels: `data` is `[C, H, W]`. */
export interface Planes {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** More pixels than any picture here has; a header that claims more is not believed. */
export const maxPixels = 64_000_000;

/** A colour as one number. */
export function colorKey([red, green, blue]: Rgb): number {
  return (red << 16) | (green << 8) | blue;
}

/** A mask as its file holds it: grey values, palette indices, or each pixel's colour as 0xRRGGBB. */
export interface StoredMask {
  readonly height: number;
  readonly width: number;
  readonly kind: "grey" | "palette" | "color";
  /** `[H, W]`. */
  readonly data: Uint8Array | Uint16Array | Uint32Array;
  /** Of a palette mask: each index's colour as 0xRRGGBB. */
  readonly palette?: readonly number[];
}
