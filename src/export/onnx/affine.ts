/** The batch norm and bias behind a convolution: `scale[t]·x + shift[t]`. */
import type { FoldedConv } from "../folded-network.js";
import type { GraphBuilder, Value } from "./graph-builder.js";
import { Signal } from "./signal.js";
import type { Timing } from "./timing.js";

/** Factors and offsets by rows, as a {@link FoldedConv} has them. */
export type Rows = Pick<FoldedConv, "scale" | "shift">;

/**
 * A product and a sum of their own: whoever fuses them into the weights may, and weights of integers stay integers where nobody does.
 *
 * @param channels - O
 */
export function affine(
  x: Signal,
  { scale, shift }: Rows,
  {
    name,
    channels,
    graph,
    timing,
  }: {
    readonly name: string;
    readonly channels: number;
    readonly graph: GraphBuilder;
    readonly timing: Timing;
  },
): Signal {
  const change = (opType: "Mul" | "Add", part: string, before: Signal, rows: Float32Array | undefined) => {
    if (rows === undefined) return before;
    const apply = (y: Value, row: Value) => graph.node(opType, [y, row], { name: `${name}.${part}ed` });
    if (rows.length === channels) {
      const row = graph.constant(`${name}.${part}`, rows, [channels, 1, 1]);
      return before.map((y) => apply(y, row));
    }
    const rowAt = timing.row(`${name}.${part}`, rows, channels);
    return Signal.parts(
      graph,
      before.parts.map((y, t) => apply(y, rowAt(t))),
    );
  };
  return change("Add", "shift", change("Mul", "scale", x, scale), shift);
}
