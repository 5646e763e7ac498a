/** A map between two layers of a graph. */
import type { Signal } from "./signal.js";

/** Bytes that stand for a map: `y = scale[c]·k`. */
export interface Codes {
  /** `[C]` */
  readonly scales: Float32Array;
  /** The largest k that there may be, at most {@link mostCode}. */
  readonly most: number;
}

/** Instructions that add two products of bytes to 16 bits hold 2·128·127. */
export const mostCode = 128;

/** A map, and its size as a share of the image's. */
export interface PlacedMap {
  /** Floats, or bytes where there are `codes`. */
  readonly signal: Signal;
  readonly channels: number;
  /** Height and width are the image's divided by that, rounded up. */
  readonly stride: number;
  readonly codes?: Codes;
}
