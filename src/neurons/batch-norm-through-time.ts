/** Batch norm through time (BNTT): Kim & Panda 2020, arXiv:2010.01729. */
import { checkInteger } from "../checks/index.js";
import { batchNorm, concat, ones, scope, select, splitFirst, type Tensor, zeros } from "../engine/index.js";
import { BATCH_NORM_EPS, BATCH_NORM_MOMENTUM, Module } from "../nn/index.js";

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

  /**
   * Currents that no neurons follow at once: of a membrane shortcut. Each timestep has its own scale and statistics.
   *
   *     y[t] = γ[t]·(i[t] − mean[t]) / sqrt(var[t] + ε)
   *
   * @param current - i, `[T', N, C, H, W]`
   * @param chunk - the timestep that it begins with, from 0, and how many of its steps are normalised; the others stay
   * @returns y, of the same shape
   */
  forwardSteps(
    current: Tensor,
    { firstStep, normalizedSteps }: { readonly firstStep: number; readonly normalizedSteps: number },
  ): Tensor {
    const steps = current.shape[0] ?? 0;
    return scope("batch norm through time", () => {
      const frames = Array.from({ length: steps }, (_, t) => {
        const frame = select(current, 0, t);
        return t < normalizedSteps ? this.#step(frame, firstStep + t) : frame;
      });
      // Side by side in the batch, not stacked, they stay channels-last.
      return splitFirst(concat(frames), steps); // [T', N, C, H, W]
    });
  }

  #step(current: Tensor, row: number): Tensor {
    return batchNorm(current, {
      weight: select(this.scale, 0, row),
      runningMean: select(this.runningMean, 0, row),
      runningVar: select(this.runningVar, 0, row),
      training: this.training,
      momentum: BATCH_NORM_MOMENTUM,
      eps: BATCH_NORM_EPS,
    });
  }
}
