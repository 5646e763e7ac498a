/** An array in figures. */

import { bytesOf, type NamedArrays } from "../arrays/index.js";
import type { DType, NamedArray } from "../engine/index.js";
import { toNumbers } from "./half.js";

/** An array's figures, of {@link summarizeArrays}. */
export interface ArraySummary {
  /** Key in the state dict. */
  readonly name: string;
  /** Element type. */
  readonly dtype: DType;
  /** Sides; none for a scalar. */
  readonly shape: readonly number[];
  /** Number of elements. */
  readonly elements: number;
  /** Size of the data. */
  readonly bytes: number;
  /** Smallest finite element; absent if there are none. */
  readonly min?: number;
  /** Largest finite element; absent if there are none. */
  readonly max?: number;
  /** Mean of the finite elements; absent if there are none. */
  readonly mean?: number;
  /** Elements that are NaN or infinite. */
  readonly notFinite: number;
  /** Elements that are 0. */
  readonly zeros: number;
}

/**
 * Figures of every array, in order.
 *
 * @param arrays - not changed
 */
export function summarizeArrays(arrays: NamedArrays): ArraySummary[] {
  return [...arrays].map(([name, array]) => summarize(name, array));
}

function summarize(name: string, array: NamedArray): ArraySummary {
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  let notFinite = 0;
  let zeros = 0;
  for (const value of toNumbers(array)) {
    if (!Number.isFinite(value)) {
      notFinite++;
      continue;
    }
    if (value === 0) zeros++;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
  }
  const { dtype, shape, data } = array;
  const finite = data.length - notFinite;
  const range = finite > 0 ? { min, max, mean: sum / finite } : {};
  return {
    name,
    dtype,
    shape,
    elements: data.length,
    bytes: bytesOf(array).length,
    ...range,
    notFinite,
    zeros,
  };
}
