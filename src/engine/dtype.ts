/** Element types: libtorch's codes, the typed arrays that hold them in JavaScript, and their sizes. */
import { OptionError } from "../errors.js";

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

const codes: Readonly<Record<DType, number>> = {
  uint8: 0,
  int8: 1,
  int16: 2,
  int32: 3,
  int64: 4,
  float16: 5,
  float32: 6,
  float64: 7,
  bool: 11,
  bfloat16: 15,
};

const names = new Map(Object.entries(codes).map(([name, code]) => [code, name as DType]));

/** libtorch's number for a dtype. */
export function dtypeCode(dtype: DType): number {
  return codes[dtype];
}

/** The dtype behind libtorch's number. */
export function dtypeOf(code: number): DType {
  const name = names.get(code);
  if (name === undefined)
    throw new OptionError(`dtype: expected a supported element type, received code ${code}`);
  return name;
}

/** The dtype that a typed array holds. */
export function dtypeOfData(data: TensorData): DType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Uint8Array) return "uint8";
  if (data instanceof BigInt64Array) return "int64";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof Int16Array) return "int16";
  if (data instanceof Int8Array) return "int8";
  throw new OptionError("tensorFrom: expected a dtype for Uint16Array; say float16 or bfloat16");
}

/** A typed array of `dtype` over `buffer`. */
export function dataOver(buffer: ArrayBuffer, dtype: DType): TensorData {
  switch (dtype) {
    case "uint8":
    case "bool":
      return new Uint8Array(buffer);
    case "int8":
      return new Int8Array(buffer);
    case "int16":
      return new Int16Array(buffer);
    case "int32":
      return new Int32Array(buffer);
    case "int64":
      return new BigInt64Array(buffer);
    case "float16":
    case "bfloat16":
      return new Uint16Array(buffer);
    case "float32":
      return new Float32Array(buffer);
    case "float64":
      return new Float64Array(buffer);
  }
}
