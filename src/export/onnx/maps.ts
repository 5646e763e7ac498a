/** Maps that are pooled, resized and joined. */
import type { JoinWay } from "../../models/index.js";
import type { GraphBuilder, Value } from "./graph-builder.js";
import type { Signal } from "./signal.js";

/** Average pooling 3x3 with padding 1, whose zeros count. */
export function pooled(
  graph: GraphBuilder,
  x: Value,
  { name, stride }: { readonly name: string; readonly stride: number },
): Value {
  const attributes = {
    kernel_shape: [3, 3],
    pads: [1, 1, 1, 1],
    strides: [stride, stride],
    count_include_pad: 1,
  };
  return graph.node("AveragePool", [x], { name, attributes });
}

/** `[N, C, h, w]` at the height and width of another value (bilinear). */
export function resized(
  graph: GraphBuilder,
  x: Value,
  {
    name,
    like,
    alignCorners,
  }: { readonly name: string; readonly like: Value; readonly alignCorners: boolean },
): Value {
  const part = (of: Value, attributes: Readonly<Record<string, number>>) =>
    graph.node("Shape", [of], { name: `${name}.part`, attributes });
  const sizes = graph.node("Concat", [part(x, { end: 2 }), part(like, { start: 2 })], {
    name: `${name}.sizes`,
    attributes: { axis: 0 },
  });
  const attributes = {
    mode: "linear",
    coordinate_transformation_mode: alignCorners ? "align_corners" : "half_pixel",
  };
  return graph.node("Resize", [x, "", "", sizes], { name, attributes });
}

/** Two maps of one size as one; see `joinWays`. */
export const joins: Readonly<
  Record<JoinWay, (graph: GraphBuilder, below: Signal, kept: Signal, name: string) => Signal>
> = {
  channels: (graph, below, kept, name) =>
    below.with(kept, (x, y) => graph.node("Concat", [x, y], { name, attributes: { axis: 1 } })),
  sum: (graph, below, kept, name) => below.with(kept, (x, y) => graph.node("Add", [x, y], { name })),
  size: (_, below) => below,
};
