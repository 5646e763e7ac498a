/**
 * Operators on bit-packed spikes, `[F, H, W, words]` int64 with 64 channels a word; F = T·N frames, time first.
 * Layouts, forms and error bounds: docs/design/sparse-kernels.md.
 */
import { call, callMany, invoke, Tensor } from "../engine/index.js";
import { OptionError } from "../errors.js";

/**
 * How weights are held: `exact` as fp32, sums differing from libtorch's only in their order; `fast` in 12 bits or more
 * (16 where the processor has matrix tiles), rounded per output channel; `int8` in 8 bits or more, whichever is fastest here.
 */
export type FusedPrecision = "exact" | "fast" | "int8";

/** Numbers of the kernels' purposes and forms (native/kernels/snn.h). */
const purposes = { exact: 0, fast: 1, int8: 2 } as const satisfies Record<FusedPrecision, number>;
const forms = { gather32: 1, gather12: 2, dense16: 3, dense8: 4, dense12: 6 } as const;

/** Where a convolution reads and how; its padding keeps the size. */
export interface PackOptions {
  /** Height and width of the spikes, before pooling. */
  readonly size: readonly [number, number];
  readonly dilation: number;
  /** Stride of the 3x3 average pooling before the convolution; 0 is none. */
  readonly poolStride: number;
  /** `bytes` reads `[F, H, W, C]` int8 instead of bits. */
  readonly input: "bits" | "bytes";
  readonly precision: FusedPrecision;
}

/** A convolution with packed weights; the tensor owns them. */
export function packConv(weight: Tensor, options: PackOptions): Tensor {
  const { size, dilation, poolStride, input, precision } = options;
  const kernelSize = weight.shape[3] ?? 1;
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
  readonly weightBytes: number;
  /** Why this form is the best here; the end of a sentence. */
  readonly reason: string;
}

/** The form that a packed convolution computes in, its weights' bytes, and why. */
export function describeConv(conv: Tensor): ConvPlan {
  const [form, weightBytes, reason] = invoke("snnseg::packed_conv_form", [conv]) as [number, number, string];
  const name = Object.entries(forms).find(([, code]) => code === form)?.[0];
  if (name === undefined) throw new OptionError(`packed_conv_form: expected a known form, received ${form}`);
  return { form: name, weightBytes, reason };
}

/** Largest |w − w'| of each output channel's weights as packed, `[O]`. */
export function weightError(conv: Tensor): Tensor {
  return call("snnseg::packed_conv_error", [conv]);
}

/** The instruction set in use: `portable`, `neon`, `avx2`, `avx512`, `avx512-vnni` or `amx`; `SNNSEG_ISA` chooses a lower one. */
export function instructionSet(): string {
  return invoke("snnseg::instruction_set", []) as string;
}

/** Dynamics of a layer; batch norm and biases are folded into `scale` and `shift`, `[T', O]`. */
export interface FoldedNeurons {
  readonly scale?: Tensor | undefined;
  readonly shift?: Tensor | undefined;
  /** `[O]` */
  readonly threshold: Tensor;
  /** v, `[N, H, W, O]`, advanced in place; starts from 0 and is forgotten when absent. */
  readonly membrane?: Tensor | undefined;
  readonly leak: number;
  readonly hardReset: boolean;
}

export interface FiredBits {
  /** `[T'·N, H, W, words]` */
  readonly bits: Tensor;
  /** Spikes per timestep over the batch, `[T']` int64. */
  readonly counts: Tensor;
}

/** Convolution and neurons over all steps: u[t] = λ·v[t−1] + scale[t]·conv(s[t]) + shift[t], then fire and reset. */
export function spikeConvLif(conv: Tensor, input: Tensor, steps: number, neurons: FoldedNeurons): FiredBits {
  const { scale, shift, threshold, membrane, leak, hardReset } = neurons;
  const rest = [scale ?? null, shift ?? null, threshold, membrane ?? null, leak, hardReset];
  const [bits, counts] = callMany("snnseg::spike_conv_lif", [conv, input, steps, ...rest]);
  return { bits: bits!, counts: counts! };
}

/**
 * Neurons whose currents come from elsewhere.
 *
 * @param current - `[T'·N, O, H, W]`; with `constant` `[N, O, H, W]`, the same at every step
 */
export function lifSpikes(
  current: Tensor,
  steps: number,
  { constant = false, ...neurons }: FoldedNeurons & { readonly constant?: boolean },
): FiredBits {
  const { scale, shift, threshold, membrane, leak, hardReset } = neurons;
  const rest = [scale ?? null, shift ?? null, threshold, membrane ?? null, leak, hardReset, constant];
  const [bits, counts] = callMany("snnseg::lif_spikes", [current, steps, ...rest]);
  return { bits: bits!, counts: counts! };
}

/** Convolution alone: currents `[F, O, H', W']`. */
export function spikeConv(conv: Tensor, input: Tensor): Tensor {
  return call("snnseg::spike_conv", [conv, input]);
}

/** `[F, C, H, W]` of zeros and ones to bits. */
export function packSpikes(frames: Tensor): Tensor {
  return call("snnseg::pack_spikes", [frames]);
}

/** Bits to `[F, C, H, W]` of zeros and ones. */
export function unpackSpikes(bits: Tensor, channels: number): Tensor {
  return call("snnseg::unpack_spikes", [bits, channels]);
}

/** `[F, C, H, W]` to int8 `[F, H, W, C]`; `undefined` where a value is no integer in [−127, 127]. */
export function packBytes(frames: Tensor): Tensor | undefined {
  const handle = invoke("snnseg::pack_bytes", [frames]);
  return handle === undefined ? undefined : new Tensor(handle as bigint);
}

/** Spikes per neuron over all steps, `[N, C, H, W]` float32. */
export function sumSpikes(bits: Tensor, steps: number, channels: number): Tensor {
  return call("snnseg::sum_spikes", [bits, steps, channels]);
}
