/** What layers pass their currents through: neurons over the timesteps of a graph, or ReLUs. */
import type { FoldedActivation, SpikingActivation } from "../folded-network.js";
import type { GraphBuilder, Value } from "./graph-builder.js";
import { Signal } from "./signal.js";
import type { CarriedMap, Timing } from "./timing.js";

/** Where it happens. */
interface Place {
  readonly graph: GraphBuilder;
  readonly timing: Timing;
  readonly map: CarriedMap;
}

/** Spikes, `[N, C, H, W]` at each timestep. */
export function activated(current: Signal, activation: FoldedActivation, place: Place): Signal {
  return activation.kind === "spiking"
    ? spikes(current, activation, place)
    : rectified(current, activation.slope, place);
}

function rectified(current: Signal, slope: number, { graph, map: { name } }: Place): Signal {
  return current.map((x) =>
    slope === 0
      ? graph.node("Relu", [x], { name: `${name}.active` })
      : graph.node("LeakyRelu", [x], { name: `${name}.active`, attributes: { alpha: { float: slope } } }),
  );
}

function spikes(current: Signal, neurons: SpikingActivation, { graph, timing, map }: Place): Signal {
  const { leak, amplitude, initialMembrane } = neurons;
  const { name } = map;
  const times = (x: Value, factor: Value | 1, part: string) =>
    factor === 1 ? x : graph.node("Mul", [x, factor], { name: `${name}.${part}` });
  const threshold = thresholdOf(graph, neurons, { name, factor: 1 });
  const worth = amplitude === 1 ? 1 : amplitude === "threshold" ? threshold : graph.scalar(amplitude);
  const initial =
    initialMembrane === 0
      ? undefined
      : thresholdOf(graph, neurons, { name: `${name}.initial`, factor: initialMembrane });
  let v = timing.begin(map, initial);
  const sent = current.parts.map((i, t) => {
    const u =
      v === undefined
        ? i
        : graph.node("Add", [times(v, leak === 1 ? 1 : graph.scalar(leak), "kept"), i], {
            name: `${name}.u`,
          });
    const fired = fire(graph, u, { neurons, threshold, name });
    if (timing.carries || t < timing.steps - 1) v = reset(graph, u, { neurons, threshold, name, ...fired });
    return times(fired.counts, worth, "spikes");
  });
  if (timing.carries) timing.end(map, v!);
  return Signal.parts(graph, sent);
}

/** ϑ times a factor, in a shape that broadcasts over `[N, C, H, W]`. */
function thresholdOf(
  graph: GraphBuilder,
  { threshold, thresholdShape }: SpikingActivation,
  { name, factor }: { readonly name: string; readonly factor: number },
): Value {
  const values = factor === 1 ? threshold : threshold.map((value) => value * Math.fround(factor));
  if (values.length === 1) return graph.scalar(values[0]!);
  const shape = thresholdShape.length === 1 ? [values.length, 1, 1] : thresholdShape;
  return graph.constant(`${name}.threshold`, values, shape);
}

interface Fired {
  /** k as floats. */
  readonly counts: Value;
  /** Whether a neuron fired, of those that send at most one spike. */
  readonly fires?: Value;
}

interface Firing {
  readonly neurons: SpikingActivation;
  readonly threshold: Value;
  readonly name: string;
}

function fire(graph: GraphBuilder, u: Value, { neurons: { levels }, threshold, name }: Firing): Fired {
  if (levels === undefined) {
    const fires = graph.node("Greater", [u, threshold], { name: `${name}.fires` });
    return { fires, counts: graph.node("Cast", [fires], { name: `${name}.k`, attributes: { to: 1 } }) };
  }
  const ratio = graph.node("Div", [u, threshold], { name: `${name}.ratio` });
  const bounds = [graph.scalar(0), graph.scalar(levels)];
  const clipped = graph.node("Clip", [ratio, ...bounds], { name: `${name}.clipped` });
  const raised = graph.node("Add", [clipped, graph.scalar(0.5)], { name: `${name}.raised` });
  return { counts: graph.node("Floor", [raised], { name: `${name}.k` }) };
}

/** v after the reset: u − ϑ·k, or u·(1 − k); below −ϑ/α it is lifted by ϑ/α. */
function reset(
  graph: GraphBuilder,
  u: Value,
  { neurons, threshold, name, counts, fires }: Firing & Fired,
): Value {
  const { reset: kind, imbalance } = neurons;
  const taken = () => graph.node("Mul", [counts, kind === "hard" ? u : threshold], { name: `${name}.taken` });
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
