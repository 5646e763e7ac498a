/** One timestep of neurons: they fire, and are reset. */
import type { SpikingActivation } from "../folded-network.js";
import type { GraphBuilder, Value } from "./graph-builder.js";
import { TensorProto_DataType as DataType } from "./schema/onnx_pb.js";

/** What neurons send. */
export interface Fired {
  /** k as floats; nodes are added when they are asked for. */
  readonly counts: () => Value;
  /** Whether a neuron fired, of those that send at most one spike. */
  readonly fires?: Value;
}

/** A layer of neurons. */
export interface Firing {
  readonly neurons: SpikingActivation;
  readonly threshold: Value;
  readonly name: string;
}

/** ϑ times a factor, in a shape that broadcasts over `[N, C, H, W]`. */
export function thresholdOf(
  graph: GraphBuilder,
  { threshold, thresholdShape }: SpikingActivation,
  { name, factor }: { readonly name: string; readonly factor: number },
): Value {
  const values = factor === 1 ? threshold : threshold.map((value) => value * Math.fround(factor));
  if (values.length === 1) return graph.scalar(values[0]!);
  const shape = thresholdShape.length === 1 ? [values.length, 1, 1] : thresholdShape;
  return graph.constant(`${name}.threshold`, values, shape);
}

/** k = [u > ϑ], or ⌊clip(u/ϑ, 0, D) + ½⌋. */
export function fire(graph: GraphBuilder, u: Value, { neurons: { levels }, threshold, name }: Firing): Fired {
  if (levels === undefined) {
    const fires = graph.node("Greater", [u, threshold], { name: `${name}.fires` });
    let counts: Value | undefined;
    const cast = () => graph.node("Cast", [fires], { name: `${name}.k`, attributes: { to: DataType.FLOAT } });
    return { fires, counts: () => (counts ??= cast()) };
  }
  const ratio = graph.node("Div", [u, threshold], { name: `${name}.ratio` });
  const bounds = [graph.scalar(0), graph.scalar(levels)];
  const clipped = graph.node("Clip", [ratio, ...bounds], { name: `${name}.clipped` });
  const raised = graph.node("Add", [clipped, graph.scalar(0.5)], { name: `${name}.raised` });
  const counts = graph.node("Floor", [raised], { name: `${name}.k` });
  return { counts: () => counts };
}

/** v = u − ϑ·k, or u·(1 − k); below −ϑ/α it is lifted by ϑ/α. */
export function reset(
  graph: GraphBuilder,
  u: Value,
  { neurons, threshold, name, counts, fires }: Firing & Fired,
): Value {
  const { reset: kind, imbalance } = neurons;
  const taken = () =>
    graph.node("Mul", [counts(), kind === "hard" ? u : threshold], { name: `${name}.taken` });
  const v =
    kind === "hard" && fires !== undefined
      ? graph.node("Where", [fires, graph.scalar(0), u], { name: `${name}.v` })
      : graph.node("Sub", [u, taken()], { name: `${name}.v` });
  if (imbalance === 0) return v;
  const negative = thresholdOf(graph, neurons, { name: `${name}.negative`, factor: -1 / imbalance });
  const crossed = graph.node("Less", [u, negative], { name: `${name}.crossed` });
  const lift = graph.node("Where", [crossed, negative, graph.scalar(0)], { name: `${name}.lift` });
  return graph.node("Sub", [v, lift], { name: `${name}.lifted` });
}
