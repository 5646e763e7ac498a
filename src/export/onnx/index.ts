/** Networks as files of ONNX. */
import type { ExportTarget } from "../export-target.js";
import { describeOnnx, readOnnx } from "./read-onnx.js";
import { writeOnnx } from "./write-onnx.js";

export { type OnnxContents, type OnnxValue, readOnnx } from "./read-onnx.js";
export type { CarriedMap } from "./timing.js";
export type { GraphMeta } from "./write-onnx.js";

export const onnxTarget: ExportTarget = {
  suffix: ".onnx",
  about: "ONNX for ONNX Runtime and others",
  takes: ["form", "precision"],
  write: (network, meta, options) => ({ bytes: writeOnnx(network, meta, options), notes: [] }),
  describe: (bytes) => describeOnnx(readOnnx(bytes as Uint8Array)),
};
