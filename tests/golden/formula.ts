/**
 * The closed formula that fills golden cases: weights, inputs and labels come from it, so a case holds only results.
 *
 *     u(i, seed) = h(i + seed·0x9E3779B9) / 2³² in [0, 1), i in C order
 */

/** u(i, seed), float64 in [0, 1). */
export function golden(i: number, seed: number): number {
  let x = (i + Math.imul(seed, 0x9e3779b9)) >>> 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  x ^= x >>> 16;
  return (x >>> 0) / 2 ** 32;
}

/** `count` numbers made from u(i, seed). */
export function fill(count: number, seed: number, from: (u: number) => number): Float32Array {
  const data = new Float32Array(count);
  for (let i = 0; i < count; i++) data[i] = from(golden(i, seed));
  return data;
}

/** The number of elements of a shape. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
