/** Batch norm through time (BNTT): Kim & Panda 2020, arXiv:2010.01729. */
import { checkInteger } from "../checks/index.js";
import { ones, type Tensor, zeros } from "../engine/index.js";
import { Module } from "../nn/index.js";

/** Scales and running statistics of batch norm through time, `[T, C]` each. */
export class BatchNormThroughTime extends Module {
  /** γ, trained; 1 at the start. */
  readonly scale: Tensor;
  /** 0 at the start; neurons write the rows of their timesteps in training. */
  readonly runningMean: Tensor;
  /** 1 at the start; likewise. */
  readonly runningVar: Tensor;

  /**
   * @param timesteps - T
   * @param channels - C
   * @param device - `cpu`, `cuda`, `cuda:1` …
   * @throws OptionError unless both numbers are integers of 1 or more
   */
  constructor(timesteps: number, channels: number, device: string) {
    super();
    checkInteger("BatchNormThroughTime", "timesteps", timesteps);
    checkInteger("BatchNormThroughTime", "channels", channels);
    this.scale = this.parameter("weight", ones([timesteps, channels], { device }));
    this.runningMean = this.build(() =>
      this.buffer("running_mean", zeros([timesteps, channels], { device })),
    );
    this.runningVar = this.build(() => this.buffer("running_var", ones([timesteps, channels], { device })));
  }
}
