import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { exampleMeta, exportedSnn } from "../../../tests/exported-networks.js";
import { DataFormatError } from "../../errors.js";
import { createModel } from "../../models/index.js";
import { foldNetwork } from "../fold-network.js";
import { readOnnx } from "./read-onnx.js";
import { ModelProtoSchema } from "./schema/onnx_pb.js";
import { writeOnnx } from "./write-onnx.js";

using model = createModel(exportedSnn, { seed: 5 });
const meta = exampleMeta(model);
const bytes = writeOnnx(foldNetwork(model), meta, { form: "step", precision: "fp32" });
const fileOf = (value: string) =>
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { graph: {}, metadataProps: [{ key: "snnseg", value }] }),
  );

describe("readOnnx", () => {
  it("tells what a file holds", () => {
    const contents = readOnnx(bytes);
    const states = [
      { name: "features.0", channels: 16, stride: 1 },
      { name: "features.1", channels: 16, stride: 2 },
      { name: "classifier.0", channels: 32, stride: 2 },
      { name: "output", channels: 32, stride: 2 },
    ];
    expect(contents.meta).toEqual({ ...meta, form: "step", precision: "fp32", states });
    expect(contents.opset).toBe(17);
    expect(contents.inputs.slice(0, 3)).toEqual([
      { name: "frame", dimensions: ["N", 3, "H", "W"] },
      { name: "t", dimensions: [] },
      { name: "state.features.0", dimensions: ["?", "?", "?", "?"] },
    ]);
    expect(contents.outputs.map(({ name }) => name)).toContain("next.classifier.0");
    expect(contents.operators.get("Conv")).toBe(4);
    for (const forbidden of ["Loop", "Scan", "If", "ConvInteger"]) {
      expect(contents.operators.has(forbidden)).toBe(false);
    }
  });

  it.each([
    [
      "other bytes",
      new TextEncoder().encode("no model at all"),
      /received other or damaged bytes|without a graph/,
    ],
    ["an empty file", new Uint8Array(), /without a graph/],
    [
      "another program's file",
      toBinary(ModelProtoSchema, create(ModelProtoSchema, { producerName: "torch", graph: {} })),
      /one of torch/,
    ],
    ["text in place of metadata", fileOf("{"), /text that is no JSON/],
    ["metadata without classes", fileOf(JSON.stringify({ ...meta, classes: 3 })), /a wrong classes/],
  ])("refuses %s", (_, file, message) => {
    expect(() => readOnnx(file)).toThrow(DataFormatError);
    expect(() => readOnnx(file)).toThrow(message);
  });
});
