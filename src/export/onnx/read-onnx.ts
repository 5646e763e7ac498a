/** Reads back a file of ONNX that this package wrote: what it says about itself, and what is in it. */
import { fromBinary } from "@bufbuild/protobuf";
import { DataFormatError } from "../../errors.js";
import type { ExportedMeta } from "../exported-meta.js";
import { parseExportedMeta } from "../parse-exported-meta.js";
import { type ModelProto, ModelProtoSchema, type ValueInfoProto } from "./schema/onnx_pb.js";
import { type GraphMeta, metadataKey } from "./write-onnx.js";

/** A value that goes in or comes out. */
export interface OnnxValue {
  /** As a runtime is given it. */
  readonly name: string;
  /** Sizes, names of sizes that the caller chooses, or `?` for any. */
  readonly dimensions: readonly (number | string)[];
}

/** What such a file holds. */
export interface OnnxContents {
  /** What it says about its network. */
  readonly meta: ExportedMeta & Partial<GraphMeta>;
  /** Version of the operators. */
  readonly opset: number;
  /** In their order. */
  readonly inputs: readonly OnnxValue[];
  /** In their order. */
  readonly outputs: readonly OnnxValue[];
  /** How many nodes there are of each kind. */
  readonly operators: ReadonlyMap<string, number>;
  /** Numbers in constants. */
  readonly parameters: number;
}

/**
 * Reads a file that `snnseg export --to onnx` wrote.
 *
 * @param bytes - the file; whatever else it may be, nothing in it is run
 * @throws DataFormatError if it is damaged, or another program's
 */
export function readOnnx(bytes: Uint8Array): OnnxContents {
  const model = parsed(bytes);
  const json = model.metadataProps.find(({ key }) => key === metadataKey)?.value;
  if (model.graph === undefined || json === undefined) {
    throw new DataFormatError(
      `read onnx: expected a file of snnseg export, received ${model.graph === undefined ? "one without a graph" : `one of ${model.producerName || "another program"}`}; export a run with --to onnx`,
    );
  }
  const { node, initializer, input, output } = model.graph;
  const operators = new Map<string, number>();
  for (const { opType } of node) operators.set(opType, (operators.get(opType) ?? 0) + 1);
  const sizes = initializer.map(({ dims }) => dims.reduce((product, side) => product * Number(side), 1));
  return {
    meta: parseExportedMeta<GraphMeta>(json, "read onnx"),
    opset: Number(model.opsetImport[0]?.version ?? 0),
    ...{ inputs: input.map(onnxValue), outputs: output.map(onnxValue), operators },
    parameters: sizes.reduce((a, b) => a + b, 0),
  };
}

/** In a line, for people. */
export function describeOnnx({ opset, inputs, outputs, operators }: OnnxContents): string {
  const words = (values: readonly OnnxValue[]) =>
    values.map(({ name, dimensions }) => `${name} [${dimensions.join(", ")}]`).join(", ");
  const nodes = [...operators.values()].reduce((a, b) => a + b, 0);
  return `opset ${opset}, ${nodes} nodes, ${words(inputs)} → ${words(outputs)}`;
}

function parsed(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw new DataFormatError(
      "read onnx: expected a file of ONNX, received other or damaged bytes; export the run again",
      {
        cause: error,
      },
    );
  }
}

function onnxValue({ name, type }: ValueInfoProto): OnnxValue {
  const tensor = type?.value.case === "tensorType" ? type.value.value : undefined;
  const dimensions = (tensor?.shape?.dim ?? []).map(({ value }) => {
    if (value.case === undefined) return "?";
    return value.case === "dimValue" ? Number(value.value) : value.value;
  });
  return { name, dimensions };
}
