/**
 * Weights and spikes in bytes: neurons send codes, and convolutions of codes are integer products (QLinearConv). The layer on the
 * image, membranes, sums that are resized or added, and the decoder's upsampling stay in float32.
 */
import { OptionError } from "../../errors.js";
import type { FoldedActivation, FoldedConv, SpikingActivation } from "../folded-network.js";
import { affine } from "./affine.js";
import type { Arithmetic, GraphPlace, LayerOf } from "./arithmetic.js";
import { integerConvolution } from "./byte-convolution.js";
import { type ByteLayer, byteCurrents, firingConvolution } from "./byte-layers.js";
import { counts, decoded, isCoded, joinedCodes, pooledCodes } from "./code-maps.js";
import { floatArithmetic } from "./float-arithmetic.js";
import { coded } from "./neurons.js";
import { type Codes, mostCode, type PlacedMap } from "./placed-map.js";
import { quantizedWeights } from "./quantized-weights.js";
import type { Signal } from "./signal.js";

export function byteArithmetic(place: GraphPlace): Arithmetic {
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
  /** Integers times integers, and the norm behind them with the steps of the weights in it. */
  const real = (map: PlacedMap, { name, folded, weights, how }: ByteLayer): Signal => {
    const conv = { name, node: name, bytes: weights.bytes, shape: folded.shape };
    const raw = counts(graph, map, name).map((x) => integerConvolution(graph, x, conv, how));
    const channels = weights.steps.length;
    const { scale = new Float32Array(channels).fill(1), shift } = folded;
    const stepped = scale.map((value, i) => value * weights.steps[i % channels]!);
    return affine(raw, { scale: stepped, ...(shift && { shift }) }, { name, channels, graph, timing });
  };
  return {
    conv(map, layer) {
      if (!isCoded(map)) {
        const current = floats.conv(map, { ...layer, fires: false });
        return layer.fires ? sent(current.signal, layer.name, current) : current;
      }
      const { name, outputs: channels } = layer;
      const folded = convolutions.get(name)!;
      const byteLayer = { name, folded, weights: quantizedWeights(folded, map.codes.scales), how: layer };
      const size = { channels, stride: map.stride * layer.stride };
      if (!layer.fires) return { signal: real(map, byteLayer), ...size };
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
    scores(x, { map, name, node = name }) {
      if (!isCoded(map)) return floats.scores(x, { map, name, node });
      const folded = convolutions.get(name)!;
      const { bytes, steps } = quantizedWeights(folded, map.codes.scales);
      const sums = integerConvolution(graph, x, { name, node, bytes, shape: folded.shape });
      const rows = graph.constant(`${name}.step`, steps, [steps.length, 1, 1]);
      return graph.node("Mul", [sums, rows], { name: `${node}.scores` });
    },
  };
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
