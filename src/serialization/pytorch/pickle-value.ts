/** What a pickle may hold for us: data, and nothing that acts. */
import type { NamedArray } from "../../engine/index.js";

/** Keys of a dict. */
export type PickleKey = string | number | bigint | boolean | null;

/** A dict or OrderedDict, in its order. */
export type PickleDict = Map<PickleKey, PickleValue>;

/**
 * Python's None, bool, int (bigint beyond 2⁵³) and float, str, bytes, tensor, list or tuple, dict.
 * Values that occur several times in the file are the same object here.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | NamedArray
  | readonly PickleValue[]
  | PickleDict;

/**
 * Whether a value is a tensor.
 *
 * @param value - any part of a file's value
 */
export function isTensor(value: PickleValue): value is NamedArray {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Map) &&
    !(value instanceof Uint8Array)
  );
}
