/**
 * Weights and spikes in bytes: neurons send codes, and convolutions of codes are integer products (QLinearConv). The layer on the
 * image computes in larger whole numbers; membranes, sums that are resized or added, and the decoder's upsampling stay in float32.
 */
import { OptionError } from "../../errors.js";
import { type InputGrid, readsInWholeNumbers, steppedScale, wholeWeights } from "../fixed-point.js";
import type { FoldedActivation, FoldedConv, SpikingActivation } from "../folded-network.js";
import { affine } from "./affine.js";
import type { Arithmetic, GraphPlace, LayerOf } from "./arithmetic.js";
import { integerConvolution } from "./byte-convolution.js";
import { type ByteLayer, byteCurrents, firingConvolution } from "./byte-layers.js";
import { counts, decoded, isCoded, joinedCodes, pooledCodes } from "./code-maps.js";
import { floatArithmetic } from "./float-arithmetic.js";
import type { GraphBuilder, Value } from "./graph-builder.js";
import { coded } from "./neurons.js";
import { type Codes, mostCode, type PlacedMap } from "./placed-map.js";
import { quantizedWeights } from "./quantized-weights.js";
import type { Signal } from "./signal.js";

export function byteArithmetic(place: GraphPlace, grid: InputGrid): Arithmetic {
  const { graph, timing, network } = place;
  const { activations, convolutions } = network;
  const floats = floatArithmetic(place);
  const memoryless = timing.steps === 1 && !timing.carries;
  const values = (map: PlacedMap, name: string) => (isCoded(map) ? decoded(graph, map, name) : map);
  const sent = (
    current: Signal,
    name: string,
    { channels, stride }: Omit<PlacedMap, "signal">,
  ): PlacedMap => {
    const neurons = spikingOf(activations.get(name)!);
    const signal = coded(current, neurons, { graph, timing, map: { name, channels, stride } });
    return { signal, channels, stride, codes: codesOf(neurons, channels) };
  };
  /** Integers times integers, and the norm behind them with the steps of both in it. */
  const real = (
    integers: Signal,
    { name, folded, how, weights, steps }: Omit<ByteLayer, "weights"> & StepWeights,
  ): Signal => {
    const conv = { name, node: name, integers: weights, shape: folded.shape };
    const raw = integers.map((x) => integerConvolution(graph, x, conv, how));
    const { shift } = folded;
    const norm = { scale: steppedScale(folded, steps), ...(shift && { shift }) };
    return affine(raw, norm, { name, channels: steps.length, graph, timing });
  };
  /** Currents of what is no code: the image, or a map of floats. */
  const plainCurrent = (map: PlacedMap, layer: LayerOf<"conv">): PlacedMap => {
    if (map.signal !== timing.input || !readsInWholeNumbers(network)) {
      return floats.conv(map, { ...layer, fires: false });
    }
    const { name, outputs: channels, stride } = layer;
    const folded = convolutions.get(name)!;
    const { whole: weights, steps } = wholeWeights(folded, grid);
    const integers = map.signal.map((x) => onGrid(graph, x, { name, grid }));
    const worth = { weights, steps: steps.map((step) => step * grid.step) };
    return { signal: real(integers, { name, folded, how: layer, ...worth }), channels, stride };
  };
  return {
    conv(map, layer) {
      if (!isCoded(map)) {
        const current = plainCurrent(map, layer);
        return layer.fires ? sent(current.signal, layer.name, current) : current;
      }
      const { name, outputs: channels } = layer;
      const folded = convolutions.get(name)!;
      const byteLayer = { name, folded, weights: quantizedWeights(folded, map.codes.scales), how: layer };
      const size = { channels, stride: map.stride * layer.stride };
      if (!layer.fires) {
        const { bytes, steps } = byteLayer.weights;
        const signal = real(counts(graph, map, name), { ...byteLayer, weights: bytes, steps });
        return { signal, ...size };
      }
      const neurons = spikingOf(activations.get(name)!);
      if (memoryless && firesAtOnce(neurons)) {
        const signal = map.signal.map((x) => firingConvolution(graph, x, byteLayer, neurons));
        return { signal, ...size, codes: codesOf(neurons, channels) };
      }
      const { most } = map.codes;
      const statistics = statisticsOf(folded, layer);
      const { currents, norm } = byteCurrents(graph, byteLayer, { most, statistics });
      const current = affine(map.signal.map(currents), norm, { name, channels, graph, timing });
      return sent(current, name, size);
    },
    fire: (map, { name }) => sent(values(map, name).signal, name, map),
    pool: (map, layer) => (isCoded(map) ? pooledCodes(graph, map, layer) : floats.pool(map, layer)),
    join(below, kept, layer) {
      const { by, name } = layer;
      if (by === "channels" && isCoded(below) && isCoded(kept)) return joinedCodes(graph, below, kept, name);
      if (by === "size") return { ...below, stride: kept.stride };
      return floats.join(values(below, `${name}.below`), values(kept, `${name}.kept`), layer);
    },
    values: (map) => values(map, `${map.signal.sample}`),
    summable: (map) => (isCoded(map) ? counts(graph, map, map.signal.sample) : map.signal),
    scores(x, options) {
      const { map, name, node = name, share } = options;
      if (!isCoded(map)) return floats.scores(x, options);
      const folded = convolutions.get(name)!;
      const { bytes, steps } = quantizedWeights(folded, map.codes.scales);
      const sums = integerConvolution(graph, x, { name, node, integers: bytes, shape: folded.shape });
      const rows = graph.constant(`${name}.step`, steps, [steps.length, 1, 1]);
      const scores = graph.node("Mul", [sums, rows], { name: `${node}.scores` });
      return share === undefined ? scores : graph.node("Mul", [scores, share], { name: `${node}.mean` });
    },
  };
}

/** Integers as weights, and what one of each output is worth. */
interface StepWeights {
  readonly weights: Int8Array | Int32Array;
  readonly steps: Float32Array;
}

/** Whole numbers that stand for an input, as floats; beyond the grid they stay at its end. */
function onGrid(
  graph: GraphBuilder,
  x: Value,
  { name, grid: { step, most } }: { readonly name: string; readonly grid: InputGrid },
): Value {
  const scaled = graph.node("Mul", [x, graph.scalar(1 / step)], { name: `${name}.scaled` });
  const clipped = graph.node("Clip", [scaled, graph.scalar(-most), graph.scalar(most)], {
    name: `${name}.clipped`,
  });
  return graph.node("Round", [clipped], { name: `${name}.whole` });
}

/** What a code of its spikes is worth. */
function codesOf(
  { levels = 1, amplitude, threshold, thresholdShape }: SpikingActivation,
  channels: number,
): Codes {
  if (amplitude !== "threshold") return { scales: new Float32Array(channels).fill(amplitude), most: levels };
  if (thresholdShape.length === 3) {
    throw new OptionError(
      "export to onnx: expected thresholds of layers or channels for the precision int8, received spikes that are worth the threshold of their " +
        "own neuron; leave the precision out",
    );
  }
  const scales = threshold.length === 1 ? new Float32Array(channels).fill(threshold[0]!) : threshold;
  return { scales, most: levels };
}

/** Whether rounding to bytes is all that the neurons do at their first timestep. */
function firesAtOnce(neurons: SpikingActivation): neurons is SpikingActivation & { readonly levels: number } {
  const { levels, initialMembrane, thresholdShape } = neurons;
  return levels !== undefined && levels <= mostCode && initialMembrane === 0 && thresholdShape.length === 1;
}

/** @throws OptionError for ReLUs, whose range nothing says */
function spikingOf(activation: FoldedActivation): SpikingActivation {
  if (activation.kind === "spiking") return activation;
  throw new OptionError(
    "export to onnx: expected neurons or quantised ReLUs for the precision int8, received ReLUs, whose range no option says; " +
      "leave the precision out, or train with --activation-levels",
  );
}

/** @throws OptionError without batch norm */
function statisticsOf(
  { statistics }: FoldedConv,
  { name }: LayerOf<"conv">,
): NonNullable<FoldedConv["statistics"]> {
  if (statistics !== undefined) return statistics;
  throw new OptionError(
    `export to onnx: expected batch norm before neurons for the precision int8, as its statistics say the range of the currents, received none in ${name}; ` +
      "leave the precision out",
  );
}
