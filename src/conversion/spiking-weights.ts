/**
 * The weights of a spiking network whose neurons stand for an ANN's activations.
 *
 * A spike of a layer with threshold ϑ is worth ϑ times the unit in which the layer counts its currents. Layers differ
 * in how they take that value up:
 *
 * - `copied`: hidden convolutions keep the ANN's weights, as in the reference. Currents then count in units of what
 *   the spikes before are worth, so only biases are rescaled. Exact where all spikes of a layer are worth the same;
 *   per channel or neuron the weights would have to follow, and the reference's do not.
 * - `balanced`: weights are multiplied by the worth of the channel they read, so that all currents count in the ANN's
 *   own units (Diehl et al. 2015, doi:10.1109/IJCNN.2015.7280696; per channel: Kim et al. 2020, arXiv:1903.06530).
 *
 * FCN adds scores of several depths, so its skips and decoder are balanced in either case.
 */
import type { NamedArray } from "../engine/index.js";
import { ConversionError } from "../errors.js";
import { type NetworkPlan, type PlannedLayer, planNetwork } from "../models/index.js";
import { type AnnNetwork, floats } from "./fold-batch-norm.js";
import { perChannel, type Thresholds } from "./layer-thresholds.js";

export type WeightRule = "copied" | "balanced";

export interface SpikingWeights {
  readonly state: ReadonlyMap<string, NamedArray>;
  /** What a spike is worth in the ANN's units, per channel; layers whose threshold is unknown are missing. */
  readonly worth: ReadonlyMap<string, Float32Array>;
}

/**
 * Weights and biases for these thresholds. Layers behind one without a threshold keep the ANN's.
 *
 * @param folded - a network without batch norm; its tensors are not written
 * @param thresholds - in the units of each layer's currents, as the network will use them
 */
export function spikingWeights(folded: AnnNetwork, thresholds: Thresholds, rule: WeightRule): SpikingWeights {
  const state = new Map(folded.state);
  const worth = new Map<string, Float32Array>();
  const balance = (key: string, source: Float32Array | undefined, axis: 0 | 1) => {
    if (source === undefined) return;
    const array = folded.state.get(`${key}.weight`)!;
    state.set(`${key}.weight`, {
      ...array,
      data: scaleAlong(floats(folded.state, `${key}.weight`), array.shape, axis, source),
    });
  };
  const settle = (layer: string, channels: number, unit: number) => {
    const threshold = thresholds.get(layer);
    if (threshold !== undefined)
      worth.set(
        layer,
        perChannel(threshold, channels).map((x) => x * unit),
      );
  };
  /** Adjusts a layer with a bias; returns the unit of its currents. `axis` is that of the channels it reads. */
  const adjust = (key: string, source: Float32Array | undefined, axis: 0 | 1 = 1): number => {
    if (rule === "balanced") {
      balance(key, source, axis);
      return 1;
    }
    const unit = source === undefined ? 1 : mean(source);
    const bias = folded.state.get(`${key}.bias`)!;
    state.set(`${key}.bias`, { ...bias, data: floats(folded.state, `${key}.bias`).map((b) => b / unit) });
    return unit;
  };
  const plan = planNetwork(folded.config);
  const last = forEachSource(plan, (layer, sources) => {
    const before = worthOf(sources, worth);
    if (sources.length > 0 && before === undefined) return;
    if (layer.kind === "skip") balance(layer.name, before, 1);
    else settle(layer.name, layer.outputs, adjust(layer.name, before, layer.depthwise ? 0 : 1));
  });
  if (plan.output !== undefined) {
    const before = worthOf(last, worth);
    if (before) adjust(plan.output.name, before);
    return { state, worth };
  }
  const { stages } = plan.decoder!;
  for (const [index, { name, fires }] of stages.entries()) {
    if (!fires) continue;
    settle(name, folded.config.numClasses, 1);
    balance(stages[index + 1]!.upsampler, worth.get(name), 0);
  }
  return { state, worth };
}

type WeightLayer = Extract<PlannedLayer, { kind: "conv" | "skip" }>;

/**
 * Calls `visit` with every layer and the spiking layers that it reads, whose channels lie one behind the other; none for the
 * first. Returns those that the output reads.
 */
function forEachSource(
  plan: NetworkPlan,
  visit: (layer: WeightLayer, sources: readonly string[]) => void,
): readonly string[] {
  const kept = new Map<string, readonly string[]>();
  let sources: readonly string[] = [];
  for (const layer of plan.layers) {
    if (layer.kind === "keep") kept.set(layer.label, sources);
    if (layer.kind === "join") sources = joinedSources(layer, sources, kept.get(layer.label)!);
    if (layer.kind !== "conv" && layer.kind !== "skip") continue;
    visit(layer, sources);
    if (layer.kind === "conv") sources = [layer.name];
  }
  return sources;
}

/** @throws ConversionError where spikes of two layers are added up, of which one may be worth more than the other */
function joinedSources(
  { name, by }: Extract<PlannedLayer, { kind: "join" }>,
  below: readonly string[],
  kept: readonly string[],
): readonly string[] {
  if (by === "channels") return [...below, ...kept];
  throw new ConversionError(
    `convert: expected maps joined by channels, received ${name} joined by ${by}, whose spikes would have to ` +
      "be worth the same in both layers; train such a spiking network directly",
  );
}

/** What spikes of all these layers are worth, per channel; `undefined` if one is unknown, or there are none. */
function worthOf(
  sources: readonly string[],
  worth: ReadonlyMap<string, Float32Array>,
): Float32Array | undefined {
  const all = sources.map((name) => worth.get(name));
  if (all.length === 0 || all.includes(undefined)) return undefined;
  return Float32Array.from(all.flatMap((channels) => [...channels!]));
}

/** Weights times one factor per index along `axis` of `[A, B, kh, kw]`. */
function scaleAlong(
  data: Float32Array,
  shape: readonly number[],
  axis: 0 | 1,
  factors: Float32Array,
): Float32Array {
  const kernel = shape.slice(2).reduce((product, size) => product * size, 1);
  const inner = axis === 1 ? kernel : kernel * shape[1]!;
  return data.map((w, i) => w * factors[Math.floor(i / inner) % shape[axis]!]!);
}

function mean(values: Float32Array): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}
