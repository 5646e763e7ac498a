/**
 * Operators on bit-packed spikes, `[F, H, W, words]` int64 with 64 channels a word; F = T·N frames, time first.
 * Layouts, forms and error bounds: docs/design/sparse-kernels.md.
 */
import { checkInteger, checkKeys, checkOneOf, LARGEST_INT } from "../checks/index.js";
import {
  type Argument,
  allFinite,
  call,
  callMany,
  checkSameWindow,
  invoke,
  type Tensor,
} from "../engine/index.js";
import { OptionError, ShapeError } from "../errors.js";
import { checkLeak, checkThreshold } from "../neurons/index.js";

/**
 * How weights are held: `exact` as fp32, sums differing from libtorch's only in their order; `fast` in 14 bits or more
 * (16 where the processor has matrix tiles), rounded per output channel; `int8` in 8 bits or more, whichever is fastest here.
 */
export type FusedPrecision = "exact" | "fast" | "int8";
/** All of them, the most exact one first. */
export const fusedPrecisions: readonly FusedPrecision[] = ["exact", "fast", "int8"];

/** Numbers of the kernels' purposes and forms (native/kernels/snn.h). */
const purposes = { exact: 0, fast: 1, int8: 2 } as const satisfies Readonly<Record<FusedPrecision, number>>;
const forms = { gather32: 1, gather14: 2, dense16: 3, dense8: 4, dense14: 6, either14: 7 } as const;

/** Where a convolution reads and how; its padding keeps the size. */
export interface PackOptions {
  /** Height and width of the spikes, before pooling. */
  readonly size: readonly [number, number];
  /** Distance of the kernel's taps, in pixels from 1. */
  readonly dilation: number;
  /** Stride of the 3x3 average pooling before the convolution; 0 is none. */
  readonly poolStride: number;
  /** `bytes` reads `[F, H, W, C]` int8 instead of bits. */
  readonly input: "bits" | "bytes";
  /** How weights are held. */
  readonly precision: FusedPrecision;
}

const packKeys = new Set(["size", "dilation", "poolStride", "input", "precision"]);

/** @throws OptionError unless it is a precision's name */
export function checkPrecision(operation: string, precision: string): void {
  checkOneOf(operation, "precision", precision, fusedPrecisions);
}

/**
 * A convolution with packed weights; the tensor owns them.
 *
 * @param weight - `[O, C, K, K]` float32, K odd, finite
 * @param options - all are needed
 * @throws OptionError if an option is unknown or out of its range, or a weight is NaN or infinite; NativeError if the
 *   kernels cannot hold the shape
 * @example
 * ```ts
 * import { scope } from "snnseg";
 * import { describeConv, packConv, packSpikes, spikeConv } from "snnseg/kernels";
 * import { rand, zeros } from "snnseg/ops";
 *
 * scope("example", () => {
 *   const weight = rand([8, 64, 3, 3], 1); // [O, C, K, K]
 *   const shape = { dilation: 1, poolStride: 0 };
 *   const conv = packConv(weight, { size: [16, 16], ...shape, input: "bits", precision: "exact" });
 *   const bits = packSpikes(zeros([4, 64, 16, 16])); // [T·N, C, H, W]
 *   console.log(spikeConv(conv, bits).shape, describeConv(conv).form); // [4, 8, 16, 16] gather32
 * });
 * ```
 */
export function packConv(weight: Tensor, options: PackOptions): Tensor {
  const { size, dilation, poolStride, input, precision } = options;
  const operation = "packConv";
  checkKeys(operation, options, packKeys);
  for (const side of size) checkInteger(operation, "size", side, { most: LARGEST_INT });
  checkInteger(operation, "poolStride", poolStride, { least: 0, most: LARGEST_INT });
  checkOneOf(operation, "input", input, ["bits", "bytes"]);
  checkPrecision(operation, precision);
  checkSameWindow(operation, dilation, { map: size, kernel: weight.shape });
  const kernelSize = weight.shape.at(-1)!;
  if (kernelSize % 2 === 0) {
    throw new ShapeError(`packConv: expected weights [O, C, K, K] with odd K, received [${weight.shape}]`);
  }
  if (!allFinite(weight)) {
    throw new OptionError(
      "packConv: expected finite weights, received NaN or infinity among them; take a network whose training did not diverge",
    );
  }
  const padding = (dilation * (kernelSize - 1)) / 2;
  return call("snnseg::pack_conv", [
    weight,
    ...size,
    padding,
    dilation,
    poolStride,
    input === "bytes",
    purposes[precision],
  ]);
}

/** How a packed convolution is computed. */
export interface ConvPlan {
  /**
   * `gather…` adds the weights of the inputs that are set, `dense…` multiplies all; the number is the weights' bits.
   */
  readonly form: string;
  /** Of the packed weights. */
  readonly weightBytes: number;
  /** Why this form is the best here; the end of a sentence. */
  readonly reason: string;
}

/** The form that a packed convolution computes in, its weights' bytes, and why. @param conv - of {@link packConv} */
export function describeConv(conv: Tensor): ConvPlan {
  const [form, weightBytes, reason] = invoke("snnseg::packed_conv_form", [conv]) as [number, number, string];
  const name = Object.entries(forms).find(([, code]) => code === form)?.[0];
  if (name === undefined) throw new OptionError(`packed_conv_form: expected a known form, received ${form}`);
  return { form: name, weightBytes, reason };
}

/** Largest |w − w'| of each output channel's weights as packed, `[O]`. @param conv - of {@link packConv} */
export function weightError(conv: Tensor): Tensor {
  return call("snnseg::packed_conv_error", [conv]);
}

/** The instruction set in use: `portable`, `neon`, `avx2`, `avx512`, `avx512-vnni` or `amx`; `SNNSEG_ISA` chooses a lower one. */
export function instructionSet(): string {
  return invoke("snnseg::instruction_set", []) as string;
}

/** Instruction sets that kernels are compiled for, lowest first. */
export function instructionSets(): {
  /** That this processor has. */
  readonly available: readonly string[];
  /** That it lacks. */
  readonly lacking: readonly string[];
} {
  const names = (available: boolean) => invoke("snnseg::instruction_sets", [available]) as string[];
  const available = names(true);
  return { available, lacking: names(false).filter((name) => !available.includes(name)) };
}

/** Dynamics of a layer; batch norm and biases are folded into `scale` and `shift`. */
export interface FoldedNeurons {
  /** `[T', O]`; 1 when absent. */
  readonly scale?: Tensor | undefined;
  /** `[T', O]`; 0 when absent. */
  readonly shift?: Tensor | undefined;
  /** ϑ, `[O]`, 0 or more. */
  readonly threshold: Tensor;
  /** v, `[N, H, W, O]`, advanced in place; starts from 0 and is forgotten when absent. */
  readonly membrane?: Tensor | undefined;
  /** λ in (0, 1]. */
  readonly leak: number;
  /** A spike sets the membrane to 0, rather than subtract ϑ. */
  readonly hardReset: boolean;
}

/** What a layer fired. */
export interface FiredBits {
  /** `[T'·N, H, W, words]` */
  readonly bits: Tensor;
  /** Spikes per timestep over the batch, `[T']` int64. */
  readonly counts: Tensor;
}

/**
 * Convolution and neurons over all steps: u[t] = λ·v[t−1] + scale[t]·conv(s[t]) + shift[t], then fire and reset.
 *
 * @param conv - of {@link packConv}
 * @param input - bits `[T'·N, H, W, words]`, or bytes where it was packed for them; time first
 * @param steps - T'
 * @param neurons - a membrane is advanced in place
 * @throws OptionError if λ or a threshold is out of its range, NativeError if shapes do not fit
 */
export function spikeConvLif(conv: Tensor, input: Tensor, steps: number, neurons: FoldedNeurons): FiredBits {
  checkInput("spikeConvLif", input);
  const rest = argumentsOf("spikeConvLif", neurons);
  const [bits, counts] = callMany("snnseg::spike_conv_lif", [conv, input, steps, ...rest]);
  return { bits: bits!, counts: counts! };
}

/**
 * Neurons whose currents come from elsewhere.
 *
 * @param current - `[T'·N, O, H, W]`; with `constant` `[N, O, H, W]`, the same at every step; float32
 * @param steps - T'
 * @param options - the neurons, whose membrane is advanced in place; `constant` (default false)
 * @throws OptionError if λ or a threshold is out of its range, NativeError if shapes do not fit
 * @example
 * ```ts
 * import { scope } from "snnseg";
 * import { lifSpikes, unpackSpikes } from "snnseg/kernels";
 * import { full } from "snnseg/ops";
 *
 * scope("example", () => {
 *   const current = full([6, 1, 1, 1], 0.4); // [T'·N, O, H, W]: one neuron
 *   const { bits } = lifSpikes(current, 6, { threshold: full([1], 1), leak: 0.9, hardReset: false });
 *   console.log(unpackSpikes(bits, 1).toNumbers()); // [0, 0, 1, 0, 0, 1]
 * });
 * ```
 */
export function lifSpikes(
  current: Tensor,
  steps: number,
  { constant = false, ...neurons }: FoldedNeurons & { readonly constant?: boolean },
): FiredBits {
  const rest = argumentsOf("lifSpikes", neurons);
  const [bits, counts] = callMany("snnseg::lif_spikes", [current, steps, ...rest, constant]);
  return { bits: bits!, counts: counts! };
}

const neuronKeys = new Set(["scale", "shift", "threshold", "membrane", "leak", "hardReset"]);

/** The neurons as the operators take them, checked. */
function argumentsOf(operation: string, neurons: FoldedNeurons): Argument[] {
  const { scale, shift, threshold, membrane, leak, hardReset } = neurons;
  checkKeys(operation, neurons, neuronKeys);
  checkLeak(operation, leak);
  checkThreshold(operation, threshold);
  return [scale ?? null, shift ?? null, threshold, membrane ?? null, leak, hardReset];
}

/** Bytes of −128 have no place in the kernels, which take magnitudes of 7 bits. */
function checkInput(operation: string, input: Tensor): void {
  if (input.dtype !== "int8" || input.numel === 0) return;
  using least = call("aten::amin", [input, []]);
  checkInteger(operation, "each byte", least.item(), { least: -127, most: 127 });
}

/**
 * Convolution alone: currents `[F, O, H', W']` float32.
 *
 * @param conv - of {@link packConv}
 * @param input - bits `[F, H, W, words]`, or bytes where it was packed for them
 * @throws OptionError if a byte is −128, NativeError if shapes do not fit
 */
export function spikeConv(conv: Tensor, input: Tensor): Tensor {
  checkInput("spikeConv", input);
  return call("snnseg::spike_conv", [conv, input]);
}

/** `[F, C, H, W]` to bits. @param frames - float32 zeros and ones @throws NativeError for other values */
export function packSpikes(frames: Tensor): Tensor {
  return call("snnseg::pack_spikes", [frames]);
}

/**
 * Bits to `[F, C, H, W]` of zeros and ones, float32.
 *
 * @param bits - `[F, H, W, words]`
 * @param channels - C, at most 64 a word
 */
export function unpackSpikes(bits: Tensor, channels: number): Tensor {
  return call("snnseg::unpack_spikes", [bits, channels]);
}

/** `[F, C, H, W]` to int8 `[F, H, W, C]`; `undefined` where a value is no integer in [−127, 127]. @param frames - float32 */
export function packBytes(frames: Tensor): Tensor | undefined {
  return invoke("snnseg::pack_bytes", [frames]) as Tensor | undefined;
}

/**
 * Spikes per neuron over all steps, `[N, C, H, W]` float32.
 *
 * @param bits - `[T·N, H, W, words]`, time first
 * @param steps - T
 * @param channels - C
 */
export function sumSpikes(bits: Tensor, steps: number, channels: number): Tensor {
  return call("snnseg::sum_spikes", [bits, steps, channels]);
}
