/** Element types: libtorch's codes, the typed arrays that hold them in JavaScript, and their sizes. */
import type { DType, TensorData } from "../arrays/index.js";
import { checkOneOf, refuse } from "../checks/index.js";
import { OptionError } from "../errors.js";

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

/** libtorch's number for a dtype. @throws OptionError for a name that is none */
export function dtypeCode(dtype: DType): number {
  const code = Object.hasOwn(codes, dtype) ? codes[dtype] : undefined;
  if (code === undefined) checkOneOf("tensor", "dtype", dtype, Object.keys(codes));
  return code!;
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
  if (data instanceof Uint16Array) {
    throw new OptionError("tensorFrom: expected a dtype for Uint16Array; say float16 or bfloat16");
  }
  return refuse("tensorFrom", "data", "a typed array of an element type that tensors have", data);
}

/** @throws OptionError if the elements of `data` are not of this dtype */
export function checkHolds(data: TensorData, dtype: DType): void {
  dtypeCode(dtype);
  const bits16 = dtype === "float16" || dtype === "bfloat16";
  if (data instanceof Uint16Array ? bits16 : dtypeOfData(data) === dtype) return;
  if (data instanceof Uint8Array && dtype === "bool") {
    const other = data.find((value) => value > 1);
    if (other !== undefined) refuse("tensorFrom", "each boolean", "0 or 1", other);
    return;
  }
  const array = dataOver(new ArrayBuffer(0), dtype).constructor.name;
  refuse("tensorFrom", "data", `${array} for ${dtype}`, data, "toDType converts");
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
