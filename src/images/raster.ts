/** The forms in which pictures and masks travel through the project. */

/** A colour: red, green, blue, each 0 … 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Height and width in pixels. */
export type Size = readonly [height: number, width: number];

/** A colour picture of 8 bits a channel. */
export interface RgbImage {
  /** Rows H. */
  readonly height: number;
  /** Columns W. */
  readonly width: number;
  /** `[H, W, 3]`, 0 … 255, in the order red, green, blue. */
  readonly data: Uint8Array;
}

/** One id a pixel; 16-bit only where the file was. */
export interface IdMap {
  /** Rows H. */
  readonly height: number;
  /** Columns W. */
  readonly width: number;
  /** `[H, W]`. */
  readonly data: Uint8Array | Uint16Array;
}

/** A class a pixel, as networks learn it. */
export interface LabelMap {
  /** Rows H. */
  readonly height: number;
  /** Columns W. */
  readonly width: number;
  /** `[H, W]`: class ids, or 255 for void. */
  readonly data: Uint8Array;
}

/** Real-valued channels, one plane after the other. */
export interface Planes {
  /** Number of planes C. */
  readonly channels: number;
  /** Rows H. */
  readonly height: number;
  /** Columns W. */
  readonly width: number;
  /** `[C, H, W]`. */
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
  /** Rows H. */
  readonly height: number;
  /** Columns W. */
  readonly width: number;
  /** What `data` holds: values, indices into `palette`, or colours. */
  readonly kind: "grey" | "palette" | "color";
  /** `[H, W]`; 16 bits where the file has them, 32 bits for colours. */
  readonly data: Uint8Array | Uint16Array | Uint32Array;
  /** Of a palette mask: each index's colour as 0xRRGGBB. */
  readonly palette?: readonly number[];
}
