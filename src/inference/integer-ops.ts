/**
 * Operators on small integers, uint8 `[N, H, W, C]`: what integer neurons fire in one timestep. Weights are 8 bits, sums exact;
 * results are the same bits on every processor. How and how fast: docs/design/integer-kernels.md.
 */
import { checkInteger, checkKeys, LARGEST_INT, refuse } from "../checks/index.js";
import { allFinite, call, callMany, Tensor } from "../engine/index.js";
import { OptionError, ShapeError } from "../errors.js";

/** Sums of two products of higher integers and 8-bit weights leave the kernels' 16 bits. */
export const mostLevels = 127;

/** A convolution's weights as integers, w ≈ step·q with |q| ≤ 127 and one step an output channel. */
export interface IntegerWeights {
  /** q, int8, as the kernels read it. */
  readonly packed: Tensor;
  /** Of each output channel, `[O]`: its largest |w| / 127. */
  readonly step: Tensor;
  /** K. */
  readonly kernelSize: number;
}

const packKeys = new Set(["groups"]);

/**
 * Rounds the weights of a convolution to 8 bits.
 *
 *     q = round(w / step),  step = max|w| / 127   per output channel
 *
 * @param weight - `[O, I, K, K]` float32, K odd and up to 15, finite; depthwise `[C, 1, K, K]`
 * @param options - `groups`: 1, or C for a depthwise convolution
 * @throws OptionError if a weight is NaN or infinite or an option is unknown, ShapeError if K is even, NativeError if the shapes fit no
 *   such convolution
 * @example
 * ```ts
 * import { scope } from "snnseg";
 * import { fireIntegers, integerConv2d, packIntegerConv } from "snnseg/kernels";
 * import { full, mul, rand, zeros } from "snnseg/ops";
 *
 * scope("example", () => {
 *   const { packed, step, kernelSize } = packIntegerConv(rand([8, 64, 3, 3], 1), { groups: 1 });
 *   const x = fireIntegers(rand([1, 64, 6, 6], 2), { threshold: full([1], 0.25), levels: 4 }); // uint8 [1, 6, 6, 64]
 *   // What the next neurons fire, with thresholds of 10.
 *   const scale = mul(step, 0.25 / 10);
 *   const y = integerConv2d(x, { packed, step, kernelSize }, { scale, shift: zeros([8]), levels: 4, stride: 2 });
 *   console.log(y.shape, y.dtype); // [1, 3, 3, 8] uint8
 * });
 * ```
 */
export function packIntegerConv(weight: Tensor, options: { readonly groups: number }): IntegerWeights {
  const operation = "packIntegerConv";
  checkKeys(operation, options, packKeys);
  checkInteger(operation, "groups", options.groups);
  const kernelSize = weight.shape.at(-1) ?? 0;
  if (kernelSize % 2 === 0) {
    throw new ShapeError(
      `${operation}: expected weights [O, I, K, K] with odd K, received [${weight.shape}]`,
    );
  }
  if (!allFinite(weight)) {
    throw new OptionError(
      `${operation}: expected finite weights, received NaN or infinity among them; take a network whose training did not diverge`,
    );
  }
  const [packed, step] = callMany("snnseg::pack_integer_conv", [weight, options.groups]);
  return { packed: packed!, step: step!, kernelSize };
}

/** Where an integer convolution reads, and its affine part y = scale·Σ q·x + shift; padding keeps the size but for the stride. */
export interface IntegerConvOptions {
  /** `[O]`, finite: the weights' step, what an integer of the input stands for and batch norm in one. */
  readonly scale: Tensor;
  /** `[O]`, finite. */
  readonly shift: Tensor;
  /** Default 1. */
  readonly stride?: number;
  /** Distance of the kernel's taps, in pixels from 1; default 1. */
  readonly dilation?: number;
}

/** What an integer neuron fires: k = ⌊clip(v / ϑ, 0, D) + ½⌋. */
export interface IntegerNeurons {
  /** ϑ, `[1]` or `[C]`, above 0. */
  readonly threshold: Tensor;
  /** D, from 1 to 127. */
  readonly levels: number;
}

const convKeys = ["scale", "shift", "stride", "dilation"];
const currentKeys = new Set(convKeys);
const firedKeys = new Set([...convKeys, "levels"]);
const joinKeys = new Set([...convKeys, "levels", "threshold", "residual"]);
const neuronKeys = new Set(["threshold", "levels"]);

/**
 * A convolution whose result is small integers again: ⌊clip(scale·Σ q·x + shift, 0, D) + ½⌋. Thresholds are folded into
 * scale and shift.
 *
 * @param x - uint8 `[N, H, W, C]`, 0 to 127
 * @param weights - of {@link packIntegerConv}
 * @param options - `levels`: D, from 1 to 127
 * @returns uint8 `[N, ⌈H / stride⌉, ⌈W / stride⌉, O]`
 * @throws OptionError if an option is unknown or out of its range, NativeError if shapes do not fit or an integer is above 127
 */
export function integerConv2d(
  x: Tensor,
  weights: IntegerWeights,
  options: IntegerConvOptions & { readonly levels: number },
): Tensor {
  const operation = "integerConv2d";
  checkKeys(operation, options, firedKeys);
  checkLevels(operation, options.levels);
  return call("snnseg::integer_conv2d", [...argumentsOf(operation, x, weights, options), options.levels]);
}

/**
 * The same without neurons: y = scale·Σ q·x + shift.
 *
 * @param x - uint8 `[N, H, W, C]`, 0 to 127
 * @param weights - of {@link packIntegerConv}
 * @param options - without levels
 * @returns float32 `[N, O, ⌈H / stride⌉, ⌈W / stride⌉]`, channels last in memory
 * @throws as {@link integerConv2d} does
 */
export function integerConvCurrents(x: Tensor, weights: IntegerWeights, options: IntegerConvOptions): Tensor {
  const operation = "integerConvCurrents";
  checkKeys(operation, options, currentKeys);
  return call("snnseg::integer_conv2d", [...argumentsOf(operation, x, weights, options), 0]);
}

/** The end of a block with a membrane shortcut. */
export interface JoinedIntegers {
  /** v, float32 `[N, O, H', W']`, channels last in memory. */
  readonly sum: Tensor;
  /** What fires of it, uint8 `[N, H', W', O]`. */
  readonly integers: Tensor;
}

/**
 * A convolution added to a real-valued shortcut, and what its neurons fire, in one pass: v = residual + (scale·Σ q·x + shift),
 * k = ⌊clip(v / ϑ, 0, D) + ½⌋.
 *
 * @param x - uint8 `[N, H, W, C]`, 0 to 127
 * @param weights - of {@link packIntegerConv}
 * @param options - `residual`: float32 `[N, O, H', W']`, fastest with channels last in memory
 * @throws as {@link integerConv2d} does
 */
export function integerConvJoin(
  x: Tensor,
  weights: IntegerWeights,
  options: IntegerConvOptions & IntegerNeurons & { readonly residual: Tensor },
): JoinedIntegers {
  const operation = "integerConvJoin";
  checkKeys(operation, options, joinKeys);
  const { residual, threshold, levels } = options;
  checkNeurons(operation, options);
  checkTensor(operation, "residual", residual);
  const [sum, integers] = callMany("snnseg::integer_conv2d_join", [
    ...argumentsOf(operation, x, weights, options),
    residual,
    threshold,
    levels,
  ]);
  return { sum: sum!, integers: integers! };
}

/**
 * What integer neurons fire in one timestep from a membrane of 0: k = ⌊clip(v / ϑ, 0, D) + ½⌋; NaN gives 0.
 *
 * @param values - v, float32 `[N, C, H, W]`, fastest with channels last in memory
 * @param neurons - both are needed
 * @returns uint8 `[N, H, W, C]`
 * @throws OptionError if an option is unknown or out of its range, NativeError if shapes do not fit
 */
export function fireIntegers(values: Tensor, neurons: IntegerNeurons): Tensor {
  const operation = "fireIntegers";
  checkKeys(operation, neurons, neuronKeys);
  checkNeurons(operation, neurons);
  return call("snnseg::fire_integers", [values, neurons.threshold, neurons.levels]);
}

function checkLevels(operation: string, levels: number): void {
  checkInteger(operation, "levels", levels, { most: mostLevels });
}

function checkTensor(operation: string, name: string, value: unknown): void {
  if (!(value instanceof Tensor)) refuse(operation, name, "a tensor", value);
}

function checkNeurons(operation: string, { threshold, levels }: IntegerNeurons): void {
  checkLevels(operation, levels);
  checkTensor(operation, "threshold", threshold);
}

function argumentsOf(operation: string, x: Tensor, weights: IntegerWeights, options: IntegerConvOptions) {
  const { scale, shift, stride = 1, dilation = 1 } = options;
  const { packed, kernelSize } = weights;
  checkTensor(operation, "scale", scale);
  checkTensor(operation, "shift", shift);
  checkInteger(operation, "stride", stride, { most: LARGEST_INT });
  checkInteger(operation, "dilation", dilation, { most: LARGEST_INT });
  return [x, packed, scale, shift, kernelSize, stride, dilation] as const;
}
