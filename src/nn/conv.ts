/** Convolutions with weights of their own. */
import { checkInteger, checkKeys, checkOneOf, LARGEST_INT, refuse } from "../checks/index.js";
import {
  add,
  conv2d,
  convTranspose2d,
  copyInto,
  depthwiseConv2d,
  noGrad,
  reshape,
  sameConv2d,
  scope,
  type Tensor,
  toDevice,
  zeros,
} from "../engine/index.js";
import { tapsInside } from "./atrous-taps.js";
import { type Init, initialWeights, inits } from "./init.js";
import { Module } from "./module.js";

/** Below this share of taps inside the image, computing tap by tap is faster than the dense convolution. */
const WORTH_SKIPPING = 0.5;

/**
 * How training computes convolutions: `fp32`, or `bf16`, which computes gradients (not the forward pass) in bfloat16:
 * inputs, weights and gradients are rounded by at most 2⁻⁹ of their value, sums are kept in float32.
 */
export const precisions = ["fp32", "bf16"] as const;
/** `fp32` or `bf16`; {@link precisions} says what they are. */
export type Precision = (typeof precisions)[number];

/** What a convolution is. */
export interface ConvSettings {
  /** Channels that it reads. */
  readonly inputs: number;
  /** Channels that it gives. */
  readonly outputs: number;
  /** Height and width of the kernel, odd. */
  readonly kernelSize: number;
  /** Default 1. */
  readonly dilation?: number;
  /** Of the window, in pixels (default 1): sizes are divided by it, rounded up. */
  readonly stride?: number;
  /** Each part of the outputs reads only its part of the inputs, which both divide into (default 1); as many as inputs: depthwise. */
  readonly groups?: number;
  /** Default false. */
  readonly bias?: boolean;
  /** How weights are drawn; see `initialWeights`. */
  readonly init: Init;
  /** Of the initial weights; without one they are 0. */
  readonly seed: number | undefined;
  /** `cpu`, `cuda`, `cuda:1` … */
  readonly device: string;
  /** Default `fp32`; of stride 1 and one group only, the others compute as in `fp32`. */
  readonly precision?: Precision;
}

/**
 * Convolution whose zero padding keeps the image's size, or with a stride its share of it; odd kernels only.
 *
 * @example
 * ```ts
 * import { scope } from "snnseg";
 * import { Conv2d } from "snnseg/nn";
 * import { ones } from "snnseg/ops";
 *
 * const conv = new Conv2d({ inputs: 3, outputs: 8, kernelSize: 3, init: "kaiming", seed: 1, device: "cpu" });
 * scope("example", () => console.log(conv.forward(ones([1, 3, 16, 16])).shape)); // [1, 8, 16, 16]
 * conv.dispose();
 * ```
 */
export class Conv2d extends Module {
  /** As given to the constructor. */
  readonly settings: ConvSettings;
  /** `[outputs, inputs / groups, kernelSize, kernelSize]`, trained. */
  readonly weight: Tensor;
  /** `[outputs]`, trained, 0 at the start; absent unless the settings ask for it. */
  readonly bias: Tensor | undefined;

  /**
   * @param settings - kept as they are
   * @throws OptionError if a setting is unknown or none that a convolution can have
   */
  constructor(settings: ConvSettings) {
    super();
    checkSettings(settings);
    this.settings = settings;
    const { inputs, outputs, kernelSize, groups = 1, init, seed, device } = settings;
    const shape = [outputs, inputs / groups, kernelSize, kernelSize];
    this.weight = this.parameter("weight", weightsOn(device, shape, { init, seed, groups }));
    this.bias = this.build(() =>
      settings.bias ? this.parameter("bias", zeros([outputs], { device })) : undefined,
    );
  }

  /** `[N, inputs, H, W]` → `[N, outputs, ⌈H/stride⌉, ⌈W/stride⌉]` @param x - float32 */
  forward(x: Tensor): Tensor {
    const { bias } = this;
    if (bias === undefined) return this.forwardLinear(x);
    return scope("conv", () => add(this.forwardLinear(x), reshape(bias, [-1, 1, 1])));
  }

  /** The same without its bias. @param x - `[N, inputs, H, W]` float32 */
  forwardLinear(x: Tensor): Tensor {
    const { inputs, outputs, kernelSize, dilation = 1, stride = 1, groups = 1, precision } = this.settings;
    if (groups > 1 && groups === inputs && groups === outputs) {
      return depthwiseConv2d(x, this.weight, { dilation, stride });
    }
    if (stride > 1 || groups > 1) {
      const padding = (dilation * (kernelSize - 1)) / 2;
      return conv2d(x, this.weight, { dilation, padding, stride, groups });
    }
    return sameConv2d(x, this.weight, {
      dilation,
      byTaps: this.skipsTaps(x.shape.slice(2)),
      halfBackward: precision === "bf16",
    });
  }

  /** The same with weights of its own, which the caller disposes. */
  copy(): Conv2d {
    return copied(this, new Conv2d({ ...this.settings, seed: undefined }));
  }

  /**
   * Whether tap by tap is faster than at once.
   *
   * @param size - height and width of the map, in pixels
   */
  skipsTaps([height = 0, width = 0]: readonly number[]): boolean {
    const { dilation = 1, kernelSize } = this.settings;
    return tapsInside(height, width, { kernelSize, dilation }) < WORTH_SKIPPING;
  }
}

/** What a transposed convolution is. */
export interface UpsamplerSettings {
  /** C, that it reads and gives. */
  readonly channels: number;
  /** How weights are drawn; see `initialWeights`. */
  readonly init: Init;
  /** Of the initial weights; without one they are 0. */
  readonly seed: number | undefined;
  /** `cpu`, `cuda`, `cuda:1` … */
  readonly device: string;
}

/** Transposed convolution 3x3 of stride 2 without bias: `[N, C, h, w]` → `[N, C, 2h+1, 2w+1]`. */
export class Upsampler extends Module {
  /** As given to the constructor. */
  readonly settings: UpsamplerSettings;
  /** `[C, C, 3, 3]`, trained. */
  readonly weight: Tensor;

  /**
   * @param settings - kept as they are
   * @throws OptionError if a setting is none that a convolution can have
   */
  constructor(settings: UpsamplerSettings) {
    super();
    this.settings = settings;
    const { channels, init, seed, device } = settings;
    checkInteger("Upsampler", "channels", channels);
    this.weight = this.parameter("weight", weightsOn(device, [channels, channels, 3, 3], { init, seed }));
  }

  /** `[N, C, h, w]` → `[N, C, 2h+1, 2w+1]` @param x - float32 */
  forward(x: Tensor): Tensor {
    return convTranspose2d(x, this.weight, { stride: 2 });
  }

  /** The same with weights of its own, which the caller disposes. */
  copy(): Upsampler {
    return copied(this, new Upsampler({ ...this.settings, seed: undefined }));
  }
}

function copied<M extends Module>(from: M, to: M): M {
  const values = from.state();
  noGrad(() => {
    for (const [name, target] of to.state()) copyInto(target, values.get(name)!);
  });
  return to;
}

const settingKeys = new Set([
  ...["inputs", "outputs", "kernelSize", "dilation", "stride", "groups", "bias"],
  ...["init", "seed", "device", "precision"],
]);

function checkSettings(settings: ConvSettings): void {
  const { inputs, outputs, kernelSize, dilation = 1, stride = 1, groups = 1 } = settings;
  const { init, precision = "fp32" } = settings;
  checkKeys("Conv2d", settings, settingKeys);
  for (const [name, value] of Object.entries({ inputs, outputs, kernelSize, dilation, stride, groups })) {
    checkInteger("Conv2d", name, value, { most: LARGEST_INT });
  }
  if (inputs % groups !== 0 || outputs % groups !== 0) {
    refuse("Conv2d", "groups", `a divisor of ${inputs} inputs and ${outputs} outputs`, groups);
  }
  if (kernelSize % 2 === 0) refuse("Conv2d", "kernelSize", "odd", kernelSize);
  checkOneOf("Conv2d", "init", init, inits);
  checkOneOf("Conv2d", "precision", precision, precisions);
}

function weightsOn(
  device: string,
  shape: readonly number[],
  { init, seed, groups }: Pick<ConvSettings, "init" | "seed" | "groups">,
): Tensor {
  return scope("weights", () => toDevice(initialWeights(shape, init, seed, groups), device));
}
