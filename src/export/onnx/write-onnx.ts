/** A network as a file of ONNX: opset 17, IR 8, without loops. */
import { create, toBinary } from "@bufbuild/protobuf";
import { OptionError } from "../../errors.js";
import type { ExportOptions } from "../export-target.js";
import type { ExportedMeta } from "../exported-meta.js";
import { inputGrid } from "../fixed-point.js";
import type { FoldedNetwork } from "../folded-network.js";
import { byteArithmetic } from "./byte-arithmetic.js";
import { floatArithmetic } from "./float-arithmetic.js";
import { foldedTiming } from "./folded-timing.js";
import { GraphBuilder } from "./graph-builder.js";
import { addNetwork } from "./network-graph.js";
import { ModelProtoSchema } from "./schema/onnx_pb.js";
import { stepTiming } from "./step-timing.js";
import type { CarriedMap } from "./timing.js";

/** The key of the metadata's JSON in the file. */
export const metadataKey = "snnseg";

/** The version of the operators, and of the format. */
export const opset = 17;
const irVersion = 8;

/** What a file says about itself beside the run's metadata. */
export interface GraphMeta extends Required<ExportOptions> {
  /** Maps that are carried from timestep to timestep; none of the folded form. */
  readonly states: readonly CarriedMap[];
}

/**
 * The bytes of a file.
 *
 * @param network - of `foldNetwork`
 * @param meta - kept as JSON in the file's metadata
 * @throws OptionError for networks that the format cannot say
 */
export function writeOnnx(
  network: FoldedNetwork,
  meta: ExportedMeta,
  options: Required<ExportOptions>,
): Uint8Array {
  checkExportable(network, options);
  const graph = new GraphBuilder();
  const parts = { graph, network, encoding: meta.encoding, size: fixedSize(network, meta) };
  const states: CarriedMap[] = [];
  const timing = options.form === "step" ? stepTiming(parts, states) : foldedTiming(parts);
  const place = { graph, timing, network };
  const scale = meta.input.kind === "picture" ? meta.input.scale : undefined;
  const grid = inputGrid(scale, meta.encoding);
  addNetwork(place, options.precision === "int8" ? byteArithmetic(place, grid) : floatArithmetic(place));
  const about: ExportedMeta & GraphMeta = { ...meta, ...options, states };
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(irVersion),
    opsetImport: [{ domain: "", version: BigInt(opset) }],
    ...{ producerName: "snnseg", producerVersion: meta.snnseg, graph: graph.build(meta.name) },
    metadataProps: [{ key: metadataKey, value: JSON.stringify(about) }],
  });
  return toBinary(ModelProtoSchema, model);
}

function checkExportable({ kind, extraSteps }: FoldedNetwork, { form }: Required<ExportOptions>): void {
  if (extraSteps > 0) {
    throw new OptionError(
      "export to onnx: expected a network that ends with its input, received one with --full-propagation, whose steps behind the " +
        "input run without batch norm; train without it, or use it with this library",
    );
  }
  if (form === "step" && kind === "ann") {
    throw new OptionError(
      "export to onnx: expected a spiking network for the form step, received an ANN, which has no timesteps; leave the form out",
    );
  }
}

/** Height and width of the input, where thresholds of single neurons fix them. */
function fixedSize(
  { activations }: FoldedNetwork,
  { input }: ExportedMeta,
): readonly [number, number] | undefined {
  const fixed = [...activations.values()].some(
    (each) => each.kind === "spiking" && each.thresholdShape.length === 3,
  );
  return fixed ? input.size : undefined;
}
