/** Can these be the values of a network? NaN compares with nothing, so a network with one still gives some answer. */

import type { NamedArrays } from "../arrays/index.js";
import type { NamedArray } from "../engine/index.js";
import { DataFormatError } from "../errors.js";
import { toNumbers } from "./half.js";

/** What values of some names must be beside finite. */
const rules: readonly { name: RegExp; expected: string; holds: (value: number) => boolean }[] = [
  { name: /\.running_var$/, expected: "variances of at least 0", holds: (value) => value >= 0 },
  { name: /^lif_.*\.threshold$/, expected: "thresholds of at least 0", holds: (value) => value >= 0 },
  { name: /^act_.*\.bound$/, expected: "learnt bounds above 0", holds: (value) => value > 0 },
];
const fractional: ReadonlySet<string> = new Set(["float16", "bfloat16", "float32", "float64"]);

/** A value or type that no network can have, of {@link impossibleValue}. */
export interface ImpossibleValue {
  /** What stands after `expected` in an error. */
  readonly expected: string;
  /** What stands after `received`: value, name and place. */
  readonly received: string;
}

/**
 * The first value or type that no network can have, with its place; `undefined` if all are sound.
 *
 * @param tensors - weights by key; not changed
 */
export function impossibleValue(tensors: NamedArrays): ImpossibleValue | undefined {
  for (const [name, array] of tensors) {
    if (!fractional.has(array.dtype)) {
      return { expected: "weights of a floating-point type", received: `${array.dtype} for ${name}` };
    }
    const values = array.data instanceof Float32Array ? array.data : toNumbers(array);
    const rule = rules.find((each) => each.name.test(name));
    const index = indexOfFault(values, rule?.holds);
    if (index === undefined) continue;
    const value = values[index]!;
    const expected = Number.isFinite(value) ? rule!.expected : "finite weights";
    return { expected, received: `${value} at ${name}[${placeOf(index, array)}]` };
  }
  return undefined;
}

/**
 * Checks the values of a state dict that was read from a file.
 *
 * @param tensors - weights by key; not changed
 * @param path - the file, for messages
 * @throws DataFormatError naming tensor, place and file
 */
export function checkWeightValues(tensors: NamedArrays, path: string): void {
  const impossible = impossibleValue(tensors);
  if (impossible === undefined) return;
  throw new DataFormatError(
    `load ${path}: expected ${impossible.expected}, received ${impossible.received}; take an earlier checkpoint, or ` +
      "train again with a lower --lr",
  );
}

function indexOfFault(
  values: Float32Array | Float64Array,
  holds: ((value: number) => boolean) | undefined,
): number | undefined {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]!) || holds?.(values[i]!) === false) return i;
  }
  return undefined;
}

/** Position along every axis. */
function placeOf(index: number, { shape }: NamedArray): string {
  const place: number[] = [];
  let rest = index;
  for (const side of shape.toReversed()) {
    place.unshift(rest % side);
    rest = Math.floor(rest / side);
  }
  return place.join(", ");
}
