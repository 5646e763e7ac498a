/** One timestep a call; what is carried goes in and comes out. */
import type { Value } from "./graph-builder.js";
import { TensorProto_DataType as DataType } from "./schema/onnx_pb.js";
import { Signal } from "./signal.js";
import type { CarriedMap, Timing, TimingParts } from "./timing.js";

/**
 * The form whose inputs are a `frame` `[N, C, H, W]`, its timestep `t` from 0, and a `state.NAME` for each map that is carried: its
 * `next.NAME` of the timestep before, or a single 0 `[1, 1, 1, 1]` at the first.
 *
 * @param carried - takes in these maps
 */
export function stepTiming({ graph, network, size }: TimingParts, carried: CarriedMap[]): Timing {
  const { plan, timesteps } = network;
  const image = graph.input("frame", ["N", plan.inputChannels, size?.[0] ?? "H", size?.[1] ?? "W"]);
  const t = graph.input("t", [], DataType.INT64);
  const float = { to: DataType.FLOAT };
  const before = graph.node("Cast", [t], { name: "t.before", attributes: float });
  const now = graph.node("Add", [before, graph.scalar(1)], { name: "t.now" });
  const isFirst = () => {
    const equal = graph.node("Equal", [t, graph.constant("first", BigInt64Array.of(0n), [])], {
      name: "t.first",
    });
    return graph.node("Cast", [equal], { name: "t.begins", attributes: float });
  };
  const state = (map: CarriedMap) => {
    carried.push(map);
    return graph.input(`state.${map.name}`, [undefined, undefined, undefined, undefined]);
  };
  const next = ({ name, channels }: CarriedMap, x: Value) =>
    graph.output(`next.${name}`, x, ["N", channels, undefined, undefined]);
  return {
    ...{ steps: 1, image, input: Signal.constant(graph, 1, image), carries: true },
    seen: graph.node("Min", [now, graph.scalar(timesteps)], { name: "t.seen" }),
    row: (name, rows, channels) => () => {
      const all = graph.constant(name, rows, [rows.length / channels, channels, 1, 1]);
      return graph.node("Gather", [all, t], { name: `${name}[t]`, attributes: { axis: 0 } });
    },
    begin: (map, initial) => {
      const v = state(map);
      if (initial === undefined) return v;
      const charge = graph.node("Mul", [initial, isFirst()], { name: `${map.name}.charge` });
      return graph.node("Add", [v, charge], { name: `${map.name}.charged` });
    },
    end: next,
    sum: (map, signal) => {
      const sum = graph.node("Add", [state(map), signal.value], { name: `${map.name}.sum` });
      next(map, sum);
      return sum;
    },
  };
}
