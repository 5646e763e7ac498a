/** What arrays consist of, inside and outside of libtorch. */

/** Element types of tensors, as PyTorch names them; booleans take a byte each. */
export type DType =
  | "uint8"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "float16"
  | "float32"
  | "float64"
  | "bool"
  | "bfloat16";

/** Typed arrays a tensor can be made from or read into. `float16` and `bfloat16` travel as raw 16-bit words. */
export type TensorData =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** Values of a tensor outside the engine: `data` in C order, as many elements as `shape` says. */
export interface NamedArray {
  /** Element type. */
  readonly dtype: DType;
  /** Sizes, slowest axis first. */
  readonly shape: readonly number[];
  /** In the typed array of the dtype. */
  readonly data: TensorData;
}
