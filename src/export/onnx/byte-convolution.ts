/** Convolutions of codes. */
import type { FoldedConv } from "../folded-network.js";
import { type ConvShape, convAttributes } from "./convolution.js";
import type { GraphBuilder, Value } from "./graph-builder.js";

/** A convolution from bytes to bytes: `y = clip(round(factor[o]·(bytes * k + bias[o])) + zero, 0, 255)`. */
export interface ByteConv {
  readonly name: string;
  /** Of its bytes. */
  readonly shape: readonly number[];
  readonly bytes: Int8Array;
  /** `[O]`, above 0. */
  readonly factors: Float32Array;
  /** `[O]`; absent where it is 0. */
  readonly biases?: Int32Array;
  /** The byte that stands for 0. */
  readonly zero: number;
}

/** `[N, I, h, w]` of uint8 → `[N, O, h', w']` of uint8. */
export function byteConvolution(
  graph: GraphBuilder,
  codes: Value,
  { name, shape, bytes, factors, biases, zero }: ByteConv,
  how: ConvShape,
): Value {
  const outputs = [factors.length];
  const inputs = [
    ...[codes, graph.scalar(1), byte(graph, 0)],
    graph.constant(`${name}.weight`, bytes, shape),
    graph.constant(`${name}.factor`, factors, outputs),
    graph.constant(`zeros(${outputs})`, new Int8Array(outputs[0]!), outputs),
    ...[graph.scalar(1), byte(graph, zero)],
    ...(biases ? [graph.constant(`${name}.bias`, biases, outputs)] : []),
  ];
  return graph.node("QLinearConv", inputs, { name, attributes: convAttributes(shape, how) });
}

/**
 * Sums of products of integers as floats, exact below 2²⁴: the weights stay integers in the file.
 *
 * @param x - integers as floats
 */
export function integerConvolution(
  graph: GraphBuilder,
  x: Value,
  {
    name,
    node,
    integers,
    shape,
  }: Pick<FoldedConv, "shape"> & {
    readonly name: string;
    readonly node: string;
    readonly integers: Int8Array | Int32Array;
  },
  how?: ConvShape,
): Value {
  const constant = graph.constant(`${name}.weight`, integers, shape);
  const weight = graph.node("DequantizeLinear", [constant, graph.scalar(1)], { name: `${node}.weights` });
  return graph.node("Conv", [x, weight], { name: node, attributes: convAttributes(shape, how) });
}

/** A byte without axes. */
export function byte(graph: GraphBuilder, value: number): Value {
  return graph.constant(`byte(${value})`, Uint8Array.of(value), []);
}
