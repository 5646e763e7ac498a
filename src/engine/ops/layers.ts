/** The operators that networks are made of. Images are `[N, C, H, W]`. */
import { checkInteger, checkNumber, LARGEST_INT } from "../../checks/index.js";
import { call } from "../call.js";
import { ranksOfNorms } from "../ranks.js";
import type { Tensor } from "../tensor.js";
import { checkSameWindow, checkWindow } from "./window.js";

/** How a convolution's window moves; each number holds for both axes. */
export interface ConvOptions {
  /** `[Cout]`, added to every pixel (default none). */
  readonly bias?: Tensor | undefined;
  /** Default 1. */
  readonly stride?: number;
  /** Default 0. */
  readonly padding?: number;
  /** Default 1. */
  readonly dilation?: number;
}

/** A convolution may also be told its groups. */
export interface GroupedConvOptions extends ConvOptions {
  /** G (default 1): the g-th part of the output's channels reads only the g-th part of the input's. */
  readonly groups?: number;
}

/**
 * Cross-correlation of `[N, Cin, H, W]` with `[Cout, Cin/G, kh, kw]`.
 *
 * @param x - `[N, Cin, H, W]`
 * @param weight - `[Cout, Cin/G, kh, kw]`, of the type of `x`
 * @param options - default: stride 1, no padding, no bias, one group
 * @returns `[N, Cout, H', W']` with H' = ⌊(H + 2·padding − dilation·(kh − 1) − 1)/stride⌋ + 1
 * @throws OptionError if stride, padding, dilation or groups is no size, NativeError if the shapes do not fit
 */
export function conv2d(x: Tensor, weight: Tensor, options: GroupedConvOptions = {}): Tensor {
  const { bias, stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  checkInteger("conv2d", "groups", groups, { most: LARGEST_INT });
  checkWindow("conv2d", { stride, padding, dilation }, { map: x.shape, kernel: weight.shape });
  return call("aten::conv2d", [
    x,
    weight,
    bias ?? null,
    [stride, stride],
    [padding, padding],
    [dilation, dilation],
    groups,
  ]);
}

/** What a convolution that keeps the size may be told. */
export interface SameConvOptions {
  /** Default 1. */
  readonly dilation?: number;
  /** Leave out what reads only padding, tap by tap: for dilations so large that this is most of it (default false). */
  readonly byTaps?: boolean;
  /** Gradients in bfloat16; the result is as in float32 (default false). */
  readonly halfBackward?: boolean;
}

/**
 * {@link conv2d} of stride 1 whose padding keeps the size, for odd kernels; equal to it up to the order of the sums.
 *
 * @param x - `[N, Cin, H, W]`, floating point
 * @param weight - `[Cout, Cin, k, k]`, k odd, of the type of `x`
 * @param options - default: dilation 1, computed at once, gradients in float32
 * @returns `[N, Cout, H, W]`
 * @throws OptionError if the dilation is no size, NativeError if the shapes do not fit
 */
export function sameConv2d(x: Tensor, weight: Tensor, options: SameConvOptions = {}): Tensor {
  const { dilation = 1, byTaps = false, halfBackward = false } = options;
  checkSameWindow("sameConv2d", dilation, { map: x.shape, kernel: weight.shape });
  return call("snnseg::same_conv2d", [x, weight, dilation, byTaps, halfBackward]);
}

/**
 * {@link conv2d} with a filter for each channel, which reads only its own, and padding that keeps the size, or with a stride
 * its share of it, rounded up; for odd kernels. Equal to it up to the order of the sums, and faster to train where dilated.
 *
 * @param x - `[N, C, H, W]`, float32
 * @param weight - `[C, 1, k, k]`, k odd, float32
 * @param options - default: stride 1, dilation 1
 * @returns `[N, C, ⌈H/stride⌉, ⌈W/stride⌉]`
 * @throws OptionError if stride or dilation is no size, NativeError if the shapes do not fit
 */
export function depthwiseConv2d(
  x: Tensor,
  weight: Tensor,
  options: { readonly stride?: number; readonly dilation?: number } = {},
): Tensor {
  const { stride = 1, dilation = 1 } = options;
  checkInteger("depthwiseConv2d", "stride", stride, { most: LARGEST_INT });
  checkSameWindow("depthwiseConv2d", dilation, { map: x.shape, kernel: weight.shape });
  if (x.device === "cpu") return call("snnseg::depthwise_conv2d", [x, weight, stride, dilation]);
  const padding = (dilation * (weight.shape.at(-1)! - 1)) / 2;
  return conv2d(x, weight, { stride, dilation, padding, groups: weight.shape[0]! });
}

/**
 * Transposed convolution with `[Cin, Cout, kh, kw]`.
 *
 * @param x - `[N, Cin, H, W]`
 * @param weight - `[Cin, Cout, kh, kw]`, of the type of `x`
 * @param options - default: stride 1, no padding, no bias
 * @returns `[N, Cout, H', W']` with H' = (H − 1)·stride − 2·padding + dilation·(kh − 1) + 1
 * @throws OptionError if stride, padding or dilation is no size, NativeError if the shapes do not fit
 */
export function convTranspose2d(x: Tensor, weight: Tensor, options: ConvOptions = {}): Tensor {
  const { bias, stride = 1, padding = 0, dilation = 1 } = options;
  checkWindow("convTranspose2d", { stride, padding, dilation }, { map: x.shape, kernel: weight.shape });
  const outputPadding = 0;
  const groups = 1;
  return call("aten::conv_transpose2d.input", [
    x,
    weight,
    bias ?? null,
    [stride, stride],
    [padding, padding],
    [outputPadding, outputPadding],
    groups,
    [dilation, dilation],
  ]);
}

/**
 * Mean over windows; the padding's zeros count.
 *
 * @param x - `[N, C, H, W]`, floating point
 * @param options - `kernelSize` and `stride` in pixels from 1, `padding` from 0; each for both axes
 * @returns `[N, C, H', W']` with H' = ⌊(H + 2·padding − kernelSize)/stride⌋ + 1
 * @throws OptionError if a number is no size, NativeError if the padding is more than half the kernel
 */
export function avgPool2d(
  x: Tensor,
  options: { kernelSize: number; stride: number; padding: number },
): Tensor {
  const { kernelSize, stride, padding } = options;
  checkInteger("avgPool2d", "kernelSize", kernelSize, { most: LARGEST_INT });
  const kernel = [kernelSize, kernelSize];
  checkWindow("avgPool2d", { stride, padding, dilation: 1 }, { map: x.shape, kernel });
  return call("aten::avg_pool2d", [x, kernel, [stride, stride], [padding, padding]]);
}

/**
 * Maximum over windows; padding never wins.
 *
 * @param x - `[N, C, H, W]`, floating point
 * @param options - in pixels; each for both axes
 * @returns `[N, C, H', W']` with H' = ⌊(H + 2·padding − kernelSize)/stride⌋ + 1
 * @throws OptionError if a number is no size, NativeError if the padding is more than half the kernel
 */
export function maxPool2d(
  x: Tensor,
  options: {
    /** 1 or more. */
    readonly kernelSize: number;
    /** Default: the kernel's size. */
    readonly stride?: number;
    /** Default 0. */
    readonly padding?: number;
  },
): Tensor {
  const { kernelSize, stride = kernelSize, padding = 0 } = options;
  checkInteger("maxPool2d", "kernelSize", kernelSize, { most: LARGEST_INT });
  const kernel = [kernelSize, kernelSize];
  checkWindow("maxPool2d", { stride, padding, dilation: 1 }, { map: x.shape, kernel });
  return call("aten::max_pool2d", [x, kernel, [stride, stride], [padding, padding], [1, 1], false]);
}

/** Statistics and scale of a batch norm over C channels. */
export interface BatchNormOptions {
  /** γ, `[C]` (default 1 each). */
  readonly weight?: Tensor | undefined;
  /** β, `[C]` (default 0 each). */
  readonly bias?: Tensor | undefined;
  /** `[C]`; the mean in evaluation. */
  readonly runningMean: Tensor;
  /** `[C]`; the variance in evaluation. Training moves it towards the batch's unbiased one. */
  readonly runningVar: Tensor;
  /** Use the batch's statistics and update the running ones in place. */
  readonly training: boolean;
  /** Share of the new batch in the running statistics, in [0, 1]. */
  readonly momentum: number;
  /** Added to the variance, 0 or more. */
  readonly eps: number;
}

/**
 * (x − mean) / sqrt(var + eps) · weight + bias per channel.
 *
 * @param x - `[N, C, H, W]`, floating point; statistics are over all axes but C
 * @param options - in training the running statistics are written in place
 * @throws OptionError if momentum is not in [0, 1] or eps is below 0, NativeError if the shapes do not fit
 */
export function batchNorm(x: Tensor, options: BatchNormOptions): Tensor {
  const { weight, bias, runningMean, runningVar, training, momentum, eps } = options;
  checkNumber("batchNorm", "momentum", momentum, { least: 0, most: 1 });
  checkNumber("batchNorm", "eps", eps, { least: 0 });
  const parts = [x, weight ?? null, bias ?? null, runningMean, runningVar];
  if (training && ranksOfNorms() > 0) {
    return call("snnseg::synchronised_batch_norm", [...parts, momentum, eps]);
  }
  return call("aten::batch_norm", [...parts, training, momentum, eps, false]);
}

/**
 * Bilinear resize.
 *
 * @param x - `[N, C, H, W]`, floating point
 * @param size - height and width of the result, in pixels
 * @param alignCorners - true (default): the outermost pixels' centres stay where they are; false: the outermost edges do
 */
export function resizeBilinear(x: Tensor, size: readonly [number, number], alignCorners = true): Tensor {
  return call("aten::upsample_bilinear2d", [x, size, alignCorners]);
}

/**
 * Bilinear samples of `[N, C, H, W]` at the places of `grid`, `[N, h, w, 2]` as (x, y) from −1 to 1 over the whole
 * pixels of an axis; beyond the centres of the outermost pixels their values go on.
 *
 * @param x - `[N, C, H, W]`, floating point
 * @param grid - `[N, h, w, 2]`, of the type of `x`; gradients pass through both
 * @returns `[N, C, h, w]`
 */
export function gridSample(x: Tensor, grid: Tensor): Tensor {
  const [bilinear, border, alignCorners] = [0, 1, false];
  return call("aten::grid_sampler_2d", [x, grid, bilinear, border, alignCorners]);
}

/**
 * Mean cross-entropy of `[N, K, H, W]` scores against `[N, H, W]` int64 labels, over the pixels whose label is not
 * `ignoreIndex`. NaN where every pixel is ignored, as in PyTorch.
 *
 * @param logits - scores before softmax, `[N, K, H, W]`
 * @param labels - `[N, H, W]` int64, 0 … K − 1 or `ignoreIndex`
 * @param ignoreIndex - such as `voidLabel`
 * @param classWeights - `[K]`; the mean is weighted by each pixel's (default 1 each)
 * @throws NativeError if shapes do not fit or a label is none of the K classes
 * @example
 * ```ts
 * import { scope, tensorFrom, voidLabel } from "snnseg";
 * import { crossEntropy, zeros } from "snnseg/ops";
 *
 * scope("example", () => {
 *   const logits = zeros([1, 2, 1, 3]); // two classes, three pixels
 *   const labels = tensorFrom(BigInt64Array.of(0n, 1n, BigInt(voidLabel)), [1, 1, 3]);
 *   console.log(crossEntropy(logits, labels, voidLabel).item()); // ln 2
 * });
 * ```
 */
export function crossEntropy(
  logits: Tensor,
  labels: Tensor,
  ignoreIndex: number,
  classWeights?: Tensor,
): Tensor {
  const meanReduction = 1;
  return call("aten::cross_entropy_loss", [logits, labels, classWeights ?? null, meanReduction, ignoreIndex]);
}

/**
 * 1 at each label's class and 0 elsewhere, `[..., K]` of int64 labels `[...]`.
 *
 * @param labels - int64, any shape, 0 … `numClasses` − 1
 * @param numClasses - K
 * @returns int64
 * @throws OptionError if `numClasses` is no size, NativeError if a label is none of the classes (replace what is to be
 *   ignored first, with {@link where})
 */
export function oneHot(labels: Tensor, numClasses: number): Tensor {
  checkInteger("oneHot", "numClasses", numClasses);
  return call("aten::one_hot", [labels, numClasses]);
}
