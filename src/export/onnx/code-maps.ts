/** Maps of codes that are pooled, joined, and read as floats. */
import { byteConvolution } from "./byte-convolution.js";
import type { GraphBuilder, Value } from "./graph-builder.js";
import { mostCode, type PlacedMap } from "./placed-map.js";
import { TensorProto_DataType as DataType } from "./schema/onnx_pb.js";
import type { Signal } from "./signal.js";

type CodedMap = PlacedMap & { readonly codes: NonNullable<PlacedMap["codes"]> };

export function isCoded(map: PlacedMap): map is CodedMap {
  return map.codes !== undefined;
}

/** k as floats. */
export function counts(graph: GraphBuilder, { signal }: PlacedMap, name: string): Signal {
  return signal.map((x) =>
    graph.node("Cast", [x], { name: `${name}.floats`, attributes: { to: DataType.FLOAT } }),
  );
}

/** What the codes stand for, as floats. */
export function decoded(graph: GraphBuilder, map: CodedMap, name: string): PlacedMap {
  const { codes, ...rest } = map;
  const { scales } = codes;
  const k = counts(graph, map, name);
  if (scales.every((scale) => scale === 1)) return { ...rest, signal: k };
  const factors = graph.constant(`${name}.scale`, scales, [scales.length, 1, 1]);
  return { ...rest, signal: k.map((x) => graph.node("Mul", [x, factors], { name: `${name}.values` })) };
}

/** Average pooling 3x3 with padding 1: nine codes are added up, exactly while the sum is a code. */
export function pooledCodes(
  graph: GraphBuilder,
  { signal, channels, stride, codes: { scales, most } }: CodedMap,
  layer: { readonly name: string; readonly stride: number },
): PlacedMap {
  const factor = Math.min(1, mostCode / (9 * most));
  const ones = {
    ...{ name: layer.name, shape: [channels, 1, 3, 3], bytes: new Int8Array(9 * channels).fill(1) },
    ...{ factors: new Float32Array(channels).fill(factor), zero: 0 },
  };
  const how = { stride: layer.stride, depthwise: true };
  const pool = (x: Value) => byteConvolution(graph, x, ones, how);
  const codes = { scales: scales.map((scale) => scale / (9 * factor)), most: Math.round(9 * most * factor) };
  return { signal: signal.map(pool), channels, stride: stride * layer.stride, codes };
}

/** One map's channels behind the other's. */
export function joinedCodes(graph: GraphBuilder, below: CodedMap, kept: CodedMap, name: string): PlacedMap {
  const signal = below.signal.with(kept.signal, (x, y) =>
    graph.node("Concat", [x, y], { name, attributes: { axis: 1 } }),
  );
  const scales = Float32Array.of(...below.codes.scales, ...kept.codes.scales);
  const most = Math.max(below.codes.most, kept.codes.most);
  return { signal, channels: scales.length, stride: kept.stride, codes: { scales, most } };
}
