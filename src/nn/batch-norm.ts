/** Batch norm per channel, with or without learnt scale and shift. */
import { checkInteger, checkNumber } from "../checks/index.js";
import { batchNorm, full, ones, type Tensor, zeros } from "../engine/index.js";
import { Module } from "./module.js";

/** Added to the variance: the reference's value, for ANN and SNN alike. */
export const BATCH_NORM_EPS = 1e-4;
/** Share of the new batch in the running statistics. */
export const BATCH_NORM_MOMENTUM = 0.1;

/** (x − mean) / sqrt(var + eps) per channel of `[N, C, H, W]`; where it learns, times γ plus β. */
export class BatchNorm2d extends Module {
  /** `[C]`, 0 at the start; written by each forward pass in training. */
  readonly runningMean: Tensor;
  /** `[C]`, 1 at the start; likewise. */
  readonly runningVar: Tensor;
  /** γ `[C]`; absent where nothing is learnt, as in the reference. */
  readonly scale: Tensor | undefined;
  /** β `[C]`, 0 at the start; likewise. */
  readonly shift: Tensor | undefined;

  /**
   * @param channels - C
   * @param device - `cpu`, `cuda`, `cuda:1` …
   * @param learnt - `scale`: γ at the start, above 0, of a norm that learns (default: it learns nothing)
   * @throws OptionError unless `channels` is an integer of 1 or more
   */
  constructor(channels: number, device: string, learnt?: { readonly scale: number }) {
    super();
    checkInteger("BatchNorm2d", "channels", channels);
    if (learnt !== undefined) {
      checkNumber("BatchNorm2d", "scale", learnt.scale, { above: 0, float32: true });
    }
    this.runningMean = this.buffer("running_mean", zeros([channels], { device }));
    this.runningVar = this.build(() => this.buffer("running_var", ones([channels], { device })));
    if (learnt === undefined) return;
    this.scale = this.build(() => this.parameter("weight", full([channels], learnt.scale, { device })));
    this.shift = this.build(() => this.parameter("bias", zeros([channels], { device })));
  }

  /** Normalised by the batch's statistics in training, by the running ones else. @param x - `[N, C, H, W]` */
  forward(x: Tensor): Tensor {
    return batchNorm(x, {
      weight: this.scale,
      bias: this.shift,
      runningMean: this.runningMean,
      runningVar: this.runningVar,
      training: this.training,
      momentum: BATCH_NORM_MOMENTUM,
      eps: BATCH_NORM_EPS,
    });
  }
}
