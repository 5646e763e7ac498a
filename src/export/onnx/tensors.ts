/** Constants and attributes as ONNX's messages. */
import { create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type TensorProto,
  TensorProtoSchema,
} from "./schema/onnx_pb.js";

/** Values of a constant; their array says their type. */
export type TensorValues = Float32Array | BigInt64Array | Int32Array | Int8Array | Uint8Array;

/** What an attribute may be: an integer, or where it is named so a float; a word; a list of integers. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number };

function typeOf(values: TensorValues): DataType {
  if (values instanceof Float32Array) return DataType.FLOAT;
  if (values instanceof BigInt64Array) return DataType.INT64;
  if (values instanceof Int32Array) return DataType.INT32;
  return values instanceof Int8Array ? DataType.INT8 : DataType.UINT8;
}

/** A constant, in the byte order of the format, which is that of the machines that we run on. */
export function tensorProto(name: string, values: TensorValues, shape: readonly number[]): TensorProto {
  const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return create(TensorProtoSchema, { name, dataType: typeOf(values), dims: shape.map(BigInt), rawData });
}

/** A node's attribute. */
export function attributeProto(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === "string") {
    const s = new TextEncoder().encode(value);
    return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s });
  }
  if (typeof value === "number") {
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  }
  if ("float" in value)
    return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}
