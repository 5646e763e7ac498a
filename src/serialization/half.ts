/**
 * 16-bit floating-point numbers as 32-bit ones. IEEE 754 binary16, and bfloat16 (the upper half of binary32).
 */
import type { NamedArray } from "../engine/index.js";

const bits = new Uint32Array(1);
const number = new Float32Array(bits.buffer);

/**
 * Value of a bfloat16 given as its 16 bits; exact.
 *
 * @param half - 0 … 65535
 */
export function fromBfloat16(half: number): number {
  bits[0] = half << 16;
  return number[0]!;
}

/**
 * Value of a binary16 given as its 16 bits; exact.
 *
 *     (−1)^s · 2^(e−15) · (1 + m/1024)   for 0 < e < 31
 *     (−1)^s · 2^−14 · m/1024            for e = 0
 *
 * @param half - 0 … 65535
 */
export function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

/**
 * Elements as float64, of any element type; int64 beyond ±2⁵³ is rounded.
 *
 * @param array - not changed; the data of a float64 array are returned themselves
 */
export function toNumbers({ dtype, data }: NamedArray): Float64Array {
  if (data instanceof Float64Array) return data;
  if (dtype === "float16") return Float64Array.from(data as Uint16Array, fromFloat16);
  if (dtype === "bfloat16") return Float64Array.from(data as Uint16Array, fromBfloat16);
  if (data instanceof BigInt64Array) return Float64Array.from(data, Number);
  return Float64Array.from(data as Exclude<typeof data, BigInt64Array>);
}

/**
 * Elements as float32, rounded to nearest; float32 itself is returned as it is.
 *
 * @param array - of any element type; not changed
 */
export function toFloat32(array: NamedArray): Float32Array {
  if (array.data instanceof Float32Array) return array.data;
  return Float32Array.from(toNumbers(array));
}
