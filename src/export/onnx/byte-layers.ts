/** Convolutions of codes, with norm and neurons behind them. */
import type { FoldedConv, SpikingActivation } from "../folded-network.js";
import type { Rows } from "./affine.js";
import { byte, byteConvolution } from "./byte-convolution.js";
import type { ConvShape } from "./convolution.js";
import type { GraphBuilder, Value } from "./graph-builder.js";
import { type QuantizedWeights, reach } from "./quantized-weights.js";

/** A convolution with rounded weights. */
export interface ByteLayer {
  readonly name: string;
  readonly folded: FoldedConv;
  readonly weights: QuantizedWeights;
  readonly how: ConvShape;
}

/** Sums in 32 bits have room for products beside it. */
const largestBias = 2 ** 30;
const asBias = (value: number) => Math.round(Math.min(Math.max(value, -largestBias), largestBias));

/** A factor in place of 0, which a format of factors above 0 does not have: the products are 0 then. */
const silent = 2 ** -16;

/** Deviations of a current that 8 bits hold. */
const deviations = 6;

/**
 * k of neurons without a membrane before: rounding to bytes is their firing, ties aside, which go to the even k.
 *
 *     k = clip(round(factor·(bytes * codes + bias)), 0, D),  factor = scale·step/ϑ,  bias ≈ shift/(scale·step)
 */
export function firingConvolution(
  graph: GraphBuilder,
  codes: Value,
  { name, folded, weights, how }: ByteLayer,
  { levels, threshold }: SpikingActivation & { readonly levels: number },
): Value {
  const { shape, scale, shift } = folded;
  const perOutput = weights.bytes.length / weights.steps.length;
  const bytes = weights.bytes.slice();
  const factors = weights.steps.map((step, o) => {
    const factor = (step * (scale?.[o] ?? 1)) / threshold[threshold.length === 1 ? 0 : o]!;
    // A factor must be above 0.
    const sign = Math.sign(factor);
    if (sign !== 1) for (let n = o * perOutput; n < (o + 1) * perOutput; n++) bytes[n] = sign * bytes[n]!;
    return sign === 0 ? silent : Math.abs(factor);
  });
  const biases = Int32Array.from(factors, (factor, o) =>
    asBias((shift?.[o] ?? 0) / threshold[threshold.length === 1 ? 0 : o]! / factor),
  );
  const fired = byteConvolution(graph, codes, { name, shape, bytes, factors, biases, zero: 0 }, how);
  return graph.node("Clip", [fired, "", byte(graph, levels)], { name: `${name}.k` });
}

/**
 * Currents in 8 bits, each channel within {@link deviations} of what batch norm saw of it, and within what its weights reach.
 *
 * @param most - the largest code that comes in
 * @returns currents before the norm as floats in steps of their own, and the norm behind them
 */
export function byteCurrents(
  graph: GraphBuilder,
  { name, folded, weights, how }: ByteLayer,
  {
    most,
    statistics: { mean, deviation },
  }: { readonly most: number; readonly statistics: NonNullable<FoldedConv["statistics"]> },
): { readonly currents: (codes: Value) => Value; readonly norm: Rows } {
  const { steps, bytes } = weights;
  const channels = steps.length;
  const ranges = reach(weights).map(({ low, high }, o) => {
    const rows = Array.from({ length: mean.length / channels }, (_, t) => t * channels + o);
    const least = Math.min(...rows.map((i) => mean[i]! - deviations * deviation[i]!)) / steps[o]!;
    const largest = Math.max(...rows.map((i) => mean[i]! + deviations * deviation[i]!)) / steps[o]!;
    const [from, to] = [Math.max(low * most, least), Math.min(high * most, largest)];
    const centre = asBias((from + to) / 2);
    return { centre, half: Math.max(to - centre, centre - from, 1) };
  });
  const conv = {
    ...{
      name,
      shape: folded.shape,
      bytes,
      factors: Float32Array.from(ranges, ({ half }) => 127 / half),
      zero: 128,
    },
    biases: Int32Array.from(ranges, ({ centre }) => -centre),
  };
  const currents = (codes: Value) => {
    const y = byteConvolution(graph, codes, conv, how);
    return graph.node("DequantizeLinear", [y, graph.scalar(1), byte(graph, 128)], {
      name: `${name}.currents`,
    });
  };
  const { scale = new Float32Array(channels).fill(1), shift = new Float32Array(scale.length) } = folded;
  const worth = (i: number) => scale[i]! * steps[i % channels]!;
  return {
    currents,
    norm: {
      scale: scale.map((_, i) => (worth(i) * ranges[i % channels]!.half) / 127),
      shift: shift.map((value, i) => value + worth(i) * ranges[i % channels]!.centre),
    },
  };
}
