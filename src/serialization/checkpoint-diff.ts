/** Compares two state dicts array by array. */

import { bytesOf, type NamedArrays } from "../arrays/index.js";
import type { NamedArray } from "../engine/index.js";
import { toNumbers } from "./half.js";

/** How one array differs. */
export interface ArrayDifference {
  /** Key in the state dict. */
  readonly name: string;
  /** `equal`: same type, shape and bits. `first` and `second`: only there. */
  readonly status: "equal" | "different" | "type" | "shape" | "first" | "second";
  /** The first side's type and shape, such as `float32 [64, 3, 3, 3]`; `undefined` if it has none. */
  readonly first: string | undefined;
  /** The second side's type and shape; `undefined` if it has none. */
  readonly second: string | undefined;
  /** max |a − b|; `Infinity` where only one side is NaN, or infinite. Given where shapes are equal. */
  readonly maxAbsolute?: number;
  /** max |a − b| / max(|a|, |b|). */
  readonly maxRelative?: number;
  /** Elements that differ. */
  readonly differing?: number;
}

/**
 * Every array of either side, in the first one's order, then those only in the second.
 * Values are compared as numbers also between element types (float16 with float32).
 *
 * @param first - not changed
 * @param second - not changed
 */
export function diffArrays(first: NamedArrays, second: NamedArrays): ArrayDifference[] {
  const names = new Set([...first.keys(), ...second.keys()]);
  return [...names].map((name) => compare(name, first.get(name), second.get(name)));
}

function compare(name: string, a: NamedArray | undefined, b: NamedArray | undefined): ArrayDifference {
  const sides = { first: a && describeArray(a), second: b && describeArray(b) };
  if (a === undefined || b === undefined) {
    return { name, status: b === undefined ? "first" : "second", ...sides };
  }
  if (`${a.shape}` !== `${b.shape}`) return { name, status: "shape", ...sides };
  const sameType = a.dtype === b.dtype;
  if (sameType && Buffer.compare(bytesOf(a), bytesOf(b)) === 0) {
    return { name, status: "equal", ...sides, maxAbsolute: 0, maxRelative: 0, differing: 0 };
  }
  return { name, status: sameType ? "different" : "type", ...sides, ...measure(toNumbers(a), toNumbers(b)) };
}

function measure(
  a: Float64Array,
  b: Float64Array,
): { maxAbsolute: number; maxRelative: number; differing: number } {
  let maxAbsolute = 0;
  let maxRelative = 0;
  let differing = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
    differing++;
    const distance = Math.abs(x - y);
    const finite = Number.isFinite(distance);
    maxAbsolute = Math.max(maxAbsolute, finite ? distance : Infinity);
    maxRelative = Math.max(maxRelative, finite ? distance / Math.max(Math.abs(x), Math.abs(y)) : Infinity);
  }
  return { maxAbsolute, maxRelative, differing };
}

/**
 * An array in a few words: `float32 [64, 3, 3, 3]`.
 *
 * @param array - its data are not looked at
 */
export function describeArray({ dtype, shape }: Pick<NamedArray, "dtype" | "shape">): string {
  return `${dtype} [${shape.join(", ")}]`;
}
