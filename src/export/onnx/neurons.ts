/** What layers pass their currents through: neurons over the timesteps of a graph, or ReLUs. */
import type { FoldedActivation, SpikingActivation } from "../folded-network.js";
import type { GraphBuilder, Value } from "./graph-builder.js";
import { TensorProto_DataType as DataType } from "./schema/onnx_pb.js";
import { Signal } from "./signal.js";
import { type Fired, fire, reset, thresholdOf } from "./spike.js";
import type { CarriedMap, Timing } from "./timing.js";

/** Where it happens. */
interface Place {
  readonly graph: GraphBuilder;
  readonly timing: Timing;
  readonly map: CarriedMap;
}

/** Spikes as they are worth, `[N, C, H, W]` at each timestep, or what ReLUs give. */
export function activated(current: Signal, activation: FoldedActivation, place: Place): Signal {
  const { graph, map } = place;
  if (activation.kind === "relu") return rectified(current, activation.slope, place);
  const { amplitude } = activation;
  if (amplitude === 1) return fired(current, activation, { ...place, send: ({ counts }) => counts() });
  const worth =
    amplitude === "threshold"
      ? thresholdOf(graph, activation, { name: map.name, factor: 1 })
      : graph.scalar(amplitude);
  const send = ({ counts }: Fired) => graph.node("Mul", [counts(), worth], { name: `${map.name}.spikes` });
  return fired(current, activation, { ...place, send });
}

/** How many spikes were sent as bytes, `[N, C, H, W]` at each timestep. */
export function coded(current: Signal, neurons: SpikingActivation, place: Place): Signal {
  const name = `${place.map.name}.codes`;
  const send = ({ counts, fires }: Fired) =>
    place.graph.node("Cast", [fires ?? counts()], { name, attributes: { to: DataType.UINT8 } });
  return fired(current, neurons, { ...place, send });
}

function rectified(current: Signal, slope: number, { graph, map }: Place): Signal {
  const name = `${map.name}.active`;
  return current.map((x) =>
    slope === 0
      ? graph.node("Relu", [x], { name })
      : graph.node("LeakyRelu", [x], { name, attributes: { alpha: { float: slope } } }),
  );
}

/** What neurons send at each timestep. */
function fired(
  current: Signal,
  neurons: SpikingActivation,
  { graph, timing, map, send }: Place & { readonly send: (fired: Fired) => Value },
): Signal {
  const { leak, initialMembrane } = neurons;
  const { name } = map;
  const threshold = thresholdOf(graph, neurons, { name, factor: 1 });
  const initial =
    initialMembrane === 0
      ? undefined
      : thresholdOf(graph, neurons, { name: `${name}.initial`, factor: initialMembrane });
  const kept = (v: Value) =>
    leak === 1 ? v : graph.node("Mul", [v, graph.scalar(leak)], { name: `${name}.kept` });
  let v = timing.begin(map, initial);
  const sent = current.parts.map((i, t) => {
    const u = v === undefined ? i : graph.node("Add", [kept(v), i], { name: `${name}.u` });
    const firing = { neurons, threshold, name };
    const result = fire(graph, u, firing);
    if (timing.carries || t < timing.steps - 1) v = reset(graph, u, { ...firing, ...result });
    return send(result);
  });
  if (timing.carries) timing.end(map, v!);
  return Signal.parts(graph, sent);
}
