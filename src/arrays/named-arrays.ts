/**
 * The common currency of all file formats here: arrays by name, plain typed arrays that know their shape.
 *
 * Half and bfloat16 stay as their 16 raw bits (`Uint16Array`), bool as one byte an element. Typed arrays have the
 * machine's byte order; all formats here are little-endian on disk, as is every machine Node.js is built for but one.
 */

import { ShapeError } from "../errors.js";
import type { DType, NamedArray, TensorData } from "./element-types.js";

/** Arrays by their key in the state dict, in its order. */
export type NamedArrays = Map<string, NamedArray>;

const arrayTypes = {
  float64: Float64Array,
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

/**
 * Bytes of one element.
 *
 * @param dtype - `float16` and `bfloat16` have 2, `bool` has 1
 */
export function elementBytes(dtype: DType): number {
  return arrayTypes[dtype].BYTES_PER_ELEMENT;
}

/**
 * Π shape, 1 for a scalar; `undefined` unless all sides are whole, not negative, and the product is exact.
 *
 * @param shape - sides, perhaps from a file that is not trusted
 */
export function elementCount(shape: readonly number[]): number | undefined {
  let count = 1;
  for (const side of shape) {
    if (!Number.isSafeInteger(side) || side < 0) return undefined;
    count *= side;
    if (!Number.isSafeInteger(count)) return undefined;
  }
  return count;
}

/** A typed array over `count` elements of `bytes`: a view where the address allows it, else a copy. */
export function viewAs(dtype: DType, bytes: Uint8Array<ArrayBuffer>): TensorData {
  const type = arrayTypes[dtype];
  const aligned = bytes.byteOffset % type.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new type(aligned.buffer, aligned.byteOffset, bytes.byteLength / type.BYTES_PER_ELEMENT);
}

/** A typed array of `count` zeros. */
export function zeroArray(dtype: DType, count: number): TensorData {
  return new arrayTypes[dtype](count);
}

/** The bytes of an array's elements, without a copy. */
export function bytesOf({ data }: NamedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * Checks that `data` is what `dtype` and `shape` say, and returns the number of elements.
 *
 * @throws ShapeError naming the array
 */
export function checkNamedArray(name: string, { dtype, shape, data }: NamedArray): number {
  const count = elementCount(shape);
  if (count !== data.length || !(data instanceof arrayTypes[dtype])) {
    throw new ShapeError(
      `array ${JSON.stringify(name)}: expected ${arrayTypes[dtype].name} of ${count} elements for ${dtype} ` +
        `[${shape.join(", ")}], received ${data.constructor.name} of ${data.length}; pass the matching data`,
    );
  }
  return count;
}
