/** An array in figures. */
import type { DType, NamedArray } from "../engine/index.js";
import { toNumbers } from "./half.js";
import { bytesOf, type NamedArrays } from "./named-arrays.js";

export interface ArraySummary {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly elements: number;
  readonly bytes: number;
  /** Over the finite elements; absent if there are none. */
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
  /** Elements that are NaN or infinite. */
  readonly notFinite: number;
  readonly zeros: number;
}

/** Figures of every array, in order. */
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
