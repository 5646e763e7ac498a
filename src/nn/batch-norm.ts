/** Batch norm without learnt scale and shift, as the ANN twins use it. */
import { checkInteger } from "../checks/index.js";
import { batchNorm, ones, type Tensor, zeros } from "../engine/index.js";
import { Module } from "./module.js";

/** Added to the variance: the reference's value, for ANN and SNN alike. */
export const BATCH_NORM_EPS = 1e-4;
/** Share of the new batch in the running statistics. */
export const BATCH_NORM_MOMENTUM = 0.1;

/** (x − mean) / sqrt(var + eps) per channel of `[N, C, H, W]`. */
export class BatchNorm2d extends Module {
  /** `[C]`, 0 at the start; written by each forward pass in training. */
  readonly runningMean: Tensor;
  /** `[C]`, 1 at the start; likewise. */
  readonly runningVar: Tensor;

  /**
   * @param channels - C
   * @param device - `cpu`, `cuda`, `cuda:1` …
   * @throws OptionError unless `channels` is an integer of 1 or more
   */
  constructor(channels: number, device: string) {
    super();
    checkInteger("BatchNorm2d", "channels", channels);
    this.runningMean = this.buffer("running_mean", zeros([channels], { device }));
    this.runningVar = this.build(() => this.buffer("running_var", ones([channels], { device })));
  }

  /** Normalised by the batch's statistics in training, by the running ones else. @param x - `[N, C, H, W]` */
  forward(x: Tensor): Tensor {
    return batchNorm(x, {
      runningMean: this.runningMean,
      runningVar: this.runningVar,
      training: this.training,
      momentum: BATCH_NORM_MOMENTUM,
      eps: BATCH_NORM_EPS,
    });
  }
}
