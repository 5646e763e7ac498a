/**
 * Training on bit-packed spikes: convolution, batch norm through time and LIF neurons of a layer in one operator, which
 * keeps bits from forward to backward and computes currents again. Dynamics as in `lifSequence`.
 *
 * Gradients, and the weights they are multiplied by, are bfloat16 with float32 sums. The forward pass rounds weights per output channel to
 * 16 bits where the processor has matrix tiles and behind poolings, else to 15 (sums are exact); those of the layer on the image stay
 * float32. A GPU, where its kernels were built (`hasFusedOperators`), rounds weights and currents of layers on spikes to bfloat16.
 */
import { checkInteger, checkKeys, checkOneOf, LARGEST_INT } from "../checks/index.js";
import { call, callMany, checkSameWindow, invoke, type Tensor } from "../engine/index.js";
import { type Checking, checkDynamics, checkNorm, checkThreshold } from "./check-neurons.js";
import type { Dynamics, TemporalNorm } from "./lif-options.js";
import { surrogateCode } from "./surrogates.js";

/** Whether training is faster in reduced precision on this processor, and why (the end of a sentence). */
export interface TrainingPlan {
  /** Whether `bf16` is faster than `fp32`. */
  readonly faster: boolean;
  /** Such as `this processor multiplies bfloat16`. */
  readonly reason: string;
}

/**
 * The plan for this processor.
 *
 * @param kind - `snn`, trained on bits, or `ann`, trained with gradients in bfloat16
 * @throws OptionError for another kind
 */
export function trainingPlan(kind: "ann" | "snn"): TrainingPlan {
  checkOneOf("trainingPlan", "kind", kind, ["ann", "snn"]);
  const [faster, reason] = invoke("snnseg::training_plan", [kind === "snn"]) as [boolean, string];
  return { faster, reason };
}

/** A spike map of a network in training. */
export interface PackedSpikes {
  /** Bit c % 64 of word c / 64 is channel c, `[T·N, H, W, words]` int64. */
  readonly bits: Tensor;
  /** Carries the spikes' gradient, `[T, N, H, W, C]` bfloat16; its values say nothing. */
  readonly carrier: Tensor;
}

/** What a layer on bits is. */
export interface PackedLayerOptions extends Omit<Dynamics, "imbalance"> {
  /** T. */
  readonly steps: number;
  /** Of the convolution, 1 or more. */
  readonly dilation: number;
  /** Stride of the 3x3 average pooling before the convolution; 0 is none. */
  readonly poolStride: number;
  /** ϑ, 0 or more: one value or `[C]`. */
  readonly threshold: Tensor;
  /** Covers all T steps. */
  readonly norm: TemporalNorm | undefined;
}

/** What a layer on bits fired. */
export interface PackedLayerResult extends PackedSpikes {
  /** Spikes per timestep over the whole batch, `[T]` int64. */
  readonly counts: Tensor;
  /** Sum of u/ϑ − 1 per timestep over the whole batch, `[T]` float64. */
  readonly excess: Tensor;
}

/**
 * A layer over all timesteps; membranes start at 0.
 *
 * @param input - spikes; or images `[T, N, C, H, W]`, or `[N, C, H, W]` where they are the same at each step
 * @param weight - `[O, C, K, K]`, K odd; zero padding keeps the size
 * @param options - all are needed; `norm` may be `undefined`
 * @throws OptionError if an option is unknown or out of its range, NativeError if shapes do not fit or tensors are on a GPU without
 *   kernels
 */
export function packedConvLif(
  input: PackedSpikes | Tensor,
  weight: Tensor,
  options: PackedLayerOptions,
): PackedLayerResult {
  return runPackedLayer(input, weight, options);
}

/** {@link packedConvLif}. @param checking - what of the options is checked (default: all) */
export function runPackedLayer(
  input: PackedSpikes | Tensor,
  weight: Tensor,
  options: PackedLayerOptions,
  checking: Checking = "values",
): PackedLayerResult {
  const { norm } = options;
  checkOptions(weight, options, checking);
  const [data, carrier] = "bits" in input ? [input.bits, input.carrier] : [input, null];
  const [bits, spikeCarrier, counts, excess] = callMany("snnseg::packed_conv_lif", [
    data,
    carrier,
    weight,
    norm?.scale ?? null,
    norm?.runningMean ?? null,
    norm?.runningVar ?? null,
    options.threshold,
    options.steps,
    options.dilation,
    options.poolStride,
    norm?.training ?? false,
    norm?.momentum ?? 0,
    norm?.eps ?? 0,
    options.leak,
    options.reset === "hard",
    surrogateCode("packedConvLif", options.surrogate),
  ]);
  return { bits: bits!, carrier: spikeCarrier!, counts: counts!, excess: excess! };
}

const layerKeys = new Set([
  ...["steps", "dilation", "poolStride"],
  ...["leak", "threshold", "reset", "surrogate", "norm"],
]);

function checkOptions(weight: Tensor, options: PackedLayerOptions, checking: Checking): void {
  const operation = "packedConvLif";
  const { steps, dilation, poolStride, threshold, norm } = options;
  checkKeys(operation, options, layerKeys);
  checkInteger(operation, "steps", steps, { most: LARGEST_INT });
  checkInteger(operation, "poolStride", poolStride, { least: 0, most: LARGEST_INT });
  checkSameWindow(operation, dilation, { map: [1, 1], kernel: weight.shape });
  checkDynamics(operation, { ...options, imbalance: 0 });
  if (checking === "values") checkThreshold(operation, threshold);
  checkNorm(operation, norm);
}

/**
 * Convolution without neurons.
 *
 * @param input - spikes of C channels
 * @param weight - `[O, C, K, K]`, K odd; zero padding keeps the size
 * @returns currents `[T·N, O, H, W]` float32
 */
export function packedConv2d({ bits, carrier }: PackedSpikes, weight: Tensor): Tensor {
  return call("snnseg::packed_conv2d", [bits, carrier, weight]);
}

/** Spikes per neuron over all steps, `[N, C, H, W]` float32. @param input - its gradient passes */
export function packedSum({ bits, carrier }: PackedSpikes): Tensor {
  return call("snnseg::packed_sum", [bits, carrier]);
}

/** Spikes per neuron and timestep of a layer, one number. @param result - of {@link packedConvLif}; its gradient passes */
export function packedRate({ counts, carrier }: Pick<PackedLayerResult, "counts" | "carrier">): Tensor {
  return call("snnseg::packed_rate", [counts, carrier]);
}
