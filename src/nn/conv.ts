/** Convolutions with weights of their own. */
import { add, convTranspose2d, reshape, sameConv2d, type Tensor, toDevice, zeros } from "../engine/index.js";
import { tapsInside } from "./atrous-taps.js";
import { type Init, initialWeights } from "./init.js";
import { Module } from "./module.js";

/** Below this share of taps inside the image, computing tap by tap is faster than the dense convolution. */
const WORTH_SKIPPING = 0.5;

/**
 * How training computes convolutions: `fp32`, or `bf16`, which computes gradients (not the forward pass) in bfloat16:
 * inputs, weights and gradients are rounded by at most 2⁻⁹ of their value, sums are kept in float32.
 */
export type Precision = "fp32" | "fast";

export interface ConvSettings {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernelSize: number;
  /** Default 1. */
  readonly dilation?: number;
  /** Default false. */
  readonly bias?: boolean;
  readonly init: Init;
  /** Of the initial weights; without one they are 0. */
  readonly seed: number | undefined;
  readonly device: string;
  /** Default `fp32`. */
  readonly precision?: Precision;
}

/** Convolution of stride 1 whose zero padding keeps the image's size; odd kernels only. */
export class Conv2d extends Module {
  readonly settings: ConvSettings;
  readonly weight: Tensor;
  readonly bias: Tensor | undefined;

  constructor(settings: ConvSettings) {
    super();
    this.settings = settings;
    const { inputs, outputs, kernelSize, init, seed, device } = settings;
    this.weight = this.parameter(
      "weight",
      toDevice(initialWeights([outputs, inputs, kernelSize, kernelSize], init, seed), device),
    );
    this.bias = settings.bias ? this.parameter("bias", zeros([outputs], { device })) : undefined;
  }

  /** `[N, inputs, H, W]` → `[N, outputs, H, W]` */
  forward(x: Tensor): Tensor {
    const y = this.forwardLinear(x);
    return this.bias ? add(y, reshape(this.bias, [-1, 1, 1])) : y;
  }

  /** The same without its bias. */
  forwardLinear(x: Tensor): Tensor {
    const { dilation = 1, precision } = this.settings;
    return sameConv2d(x, this.weight, {
      dilation,
      byTaps: this.skipsTaps(x.shape.slice(2)),
      halfBackward: precision === "fast",
    });
  }

  /** Whether tap by tap is faster than at once, on a map of this height and width. */
  skipsTaps([height = 0, width = 0]: readonly number[]): boolean {
    const { dilation = 1, kernelSize } = this.settings;
    return tapsInside(height, width, { kernelSize, dilation }) < WORTH_SKIPPING;
  }
}

/** Transposed convolution 3x3 of stride 2 without bias: `[N, C, h, w]` → `[N, C, 2h+1, 2w+1]`. */
export class Upsampler extends Module {
  readonly weight: Tensor;

  constructor(settings: { channels: number; init: Init; seed: number | undefined; device: string }) {
    super();
    const { channels, init, seed, device } = settings;
    this.weight = this.parameter(
      "weight",
      toDevice(initialWeights([channels, channels, 3, 3], init, seed), device),
    );
  }

  forward(x: Tensor): Tensor {
    return convTranspose2d(x, this.weight, { stride: 2 });
  }
}
