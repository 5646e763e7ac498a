/**
 * The arithmetic of a network, on one memory. Maps lie channels last, `[h, w, C]`, with C a multiple of 16 whose last channels may be
 * padding: integers as uint8, 0 to 127, values as float32. Arguments that are arrays are addresses in bytes.
 */

/** Of an array in the memory. */
export type Address = number;

/** Where a convolution reads; written into the memory for kernels as int32, in this order. */
export interface Geometry {
  readonly height: number;
  readonly width: number;
  /** C of the map that it reads. */
  readonly inputs: number;
  /** Of these, those that are no padding. */
  readonly used: number;
  readonly outHeight: number;
  readonly outWidth: number;
  /** C of the map that it writes. */
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: number;
}

/** The kernels of one engine. Results are the same bits in each. */
export interface Kernels {
  readonly memory: Memory;
  /** How many bytes are not 0, of a multiple of 16. */
  count(map: Address, bytes: number): number;
  /**
   * The integers of a map that are not 0, in order: `channel << 8 | integer`.
   *
   * @param entries - uint32; up to three behind the last may be read
   * @param begin - int32 `[pixels + 1]`, where each pixel's entries begin
   */
  list(map: Address, pixels: number, channels: number, entries: Address, begin: Address): void;
  /**
   * Σ q·k of a convolution of listed integers.
   *
   * @param geometry - int32
   * @param weights - q, int8, in tiles of outputs as {@link tileWidths} says: `[tap][C][tile]` each
   * @param sums - float32 `[h', w', outputs]`
   * @param work - room for the entries under 16 kernels
   * @param most - no integer is higher
   */
  gather(
    geometry: Address,
    entries: Address,
    begin: Address,
    weights: Address,
    sums: Address,
    work: Address,
    most: number,
  ): void;
  /**
   * The same from the map itself, where the engine has it.
   *
   * @param weights - q, int8, `[outputs / 8][tap][C / 4][8][4]`
   * @param zeros - `[C]` zeros
   */
  readonly dense:
    | ((
        geometry: Address,
        map: Address,
        weights: Address,
        sums: Address,
        zeros: Address,
        most: number,
      ) => void)
    | undefined;
  /** Σ q·k where each channel reads its own. @param weights - int8 `[tap][C]` */
  depthwise(geometry: Address, map: Address, weights: Address, sums: Address): void;
  /** Σ w·x of a convolution of values, tap after tap and channel after channel. @param weights - float32 `[tap][used][outputs]` */
  values(geometry: Address, map: Address, weights: Address, sums: Address): void;
  /** The same where each channel reads its own. @param weights - float32 `[tap][C]` */
  depthwiseValues(geometry: Address, map: Address, weights: Address, sums: Address): void;
  /** x·scale + shift. @param scale - float32 `[C]`, as `shift` */
  affine(map: Address, pixels: number, channels: number, scale: Address, shift: Address, to: Address): void;
  /**
   * One timestep of neurons: u = leak·v + (sums·scale + shift), k = [u > ϑ] or ⌊clip(u/ϑ, 0, levels) + ½⌋, v = u − ϑ·k or u·(1 − k).
   *
   * @param threshold - float32 `[C]`, or `[h, w, C]` where `perNeuron` is 1
   * @param levels - 0: k = [u > ϑ]
   * @param hard - 1: v = u·(1 − k)
   * @param membrane - v, read and written
   * @param to - k, uint8
   * @returns Σ k
   */
  fire(
    sums: Address,
    pixels: number,
    channels: number,
    scale: Address,
    shift: Address,
    threshold: Address,
    perNeuron: number,
    leak: number,
    levels: number,
    hard: number,
    membrane: Address,
    to: Address,
  ): number;
  /** x = sums·scale + shift; x or slope·x. @returns how many are above 0 */
  relu(
    sums: Address,
    pixels: number,
    channels: number,
    scale: Address,
    shift: Address,
    slope: number,
    to: Address,
  ): number;
  /** Sums of 3x3 windows, padding 1. */
  pool(map: Address, height: number, width: number, channels: number, stride: number, to: Address): void;
  /** Means of 3x3 windows, padding 1 counted. */
  poolValues(
    map: Address,
    height: number,
    width: number,
    channels: number,
    stride: number,
    to: Address,
  ): void;
  /** k·worth. @param worth - float32 `[C]` */
  toValues(map: Address, pixels: number, channels: number, worth: Address, to: Address): void;
  /** a + b of `count` values. */
  add(a: Address, b: Address, count: number, to: Address): void;
  /** Bilinear. @param rows - of {@link Between} as int32, int32, float32, one for each row of the result; `columns` likewise */
  resize(
    map: Address,
    width: number,
    channels: number,
    rows: Address,
    outHeight: number,
    columns: Address,
    outWidth: number,
    to: Address,
  ): void;
  /** `bytes` of each pixel, to pixels that lie further apart. */
  place(map: Address, pixels: number, stride: number, bytes: number, to: Address, toStride: number): void;
  /** The first of the highest `classes` channels. @param to - uint8 `[pixels]` */
  labels(scores: Address, pixels: number, channels: number, classes: number, to: Address): void;
  /** Integers of each pixel summed up. @param to - float32 `[pixels]` */
  sumChannels(map: Address, pixels: number, channels: number, to: Address): void;
}

/** A row or column of a resized map lies between two of the source: `(1 − share)·low + share·high`. */
export interface Between {
  readonly low: number;
  readonly high: number;
  readonly share: number;
}

/** What kernels read and write: one buffer, which moves when it grows. */
export interface Memory {
  readonly buffer: ArrayBuffer;
  /** First byte that is free for arrays. */
  readonly start: number;
  /** Makes the buffer at least so long. @throws OptionError if there is not that much */
  reserve(bytes: number): void;
}

/** Channels of a map in memory: whole vectors of 16. */
export const padded = (channels: number): number => Math.ceil(channels / 16) * 16;

/** Outputs of the tiles that `gather` computes together, in order: as many of 64 as fit, then one of 32, one of 16. */
export function tileWidths(outputs: number): number[] {
  const widths = new Array<number>(Math.floor(outputs / 64)).fill(64);
  if (outputs % 64 >= 32) widths.push(32);
  if (outputs % 32 >= 16) widths.push(16);
  return widths;
}
