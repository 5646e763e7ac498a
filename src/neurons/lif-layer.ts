/** `LifLayer`: the neurons of one layer as a module: thresholds, and BNTT where it is on. */
import { checkInteger, checkNumber } from "../checks/index.js";
import { full, narrow, ones, scope, type Tensor, zeros } from "../engine/index.js";
import { BATCH_NORM_EPS, BATCH_NORM_MOMENTUM, Module } from "../nn/index.js";
import { checkDynamics, checkThreshold, type Dynamics } from "./check-neurons.js";
import { type LifResult, lifSequence, type TemporalNorm } from "./lif-sequence.js";
import { lifSequenceReference } from "./lif-sequence-reference.js";
import {
  type PackedLayerOptions,
  type PackedLayerResult,
  type PackedSpikes,
  packedConvLif,
} from "./packed-spikes.js";

/** What all neurons of a network share. */
export interface NeuronSettings extends Dynamics {
  /** ϑ at the start. */
  readonly threshold: number;
  readonly device: string;
}

/** Scales and running statistics of batch norm through time, `[T, C]` each. */
export class BatchNormThroughTime extends Module {
  readonly scale: Tensor;
  readonly runningMean: Tensor;
  readonly runningVar: Tensor;

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

/** Leaky integrate-and-fire neurons over a chunk of timesteps. */
export class LifLayer extends Module {
  readonly settings: NeuronSettings;
  readonly norm: BatchNormThroughTime | undefined;
  #threshold: Tensor;

  /**
   * @param thresholdShape - one value, `[C]` or `[C, H, W]`
   * @throws OptionError if a setting is none that neurons can have
   */
  constructor(
    settings: NeuronSettings,
    norm: BatchNormThroughTime | undefined,
    thresholdShape: readonly number[] = [1],
  ) {
    super();
    this.settings = settings;
    this.norm = norm;
    const { threshold, device } = settings;
    checkDynamics("LifLayer", settings);
    checkNumber("LifLayer", "threshold", threshold, { above: 0 });
    this.#threshold = this.buffer("threshold", full(thresholdShape, threshold, { device }));
  }

  /** ϑ: one value, `[C]` or `[C, H, W]`. */
  get threshold(): Tensor {
    return this.#threshold;
  }

  /**
   * Replaces ϑ, as conversion does; the layer takes the tensor over.
   *
   * @throws OptionError if a threshold is negative, NaN or infinite; nothing is taken over then
   */
  setThreshold(threshold: Tensor): void {
    checkThreshold("setThreshold", threshold);
    this.#threshold = this.buffer("threshold", threshold);
  }

  /**
   * @param current - `[T', N, C, H, W]`, a chunk that starts at timestep `firstStep`
   * @param normalizedSteps - how many steps of the chunk BNTT covers
   * @param plain - compute with the plain twin
   */
  forward(
    current: Tensor,
    chunk: {
      readonly firstStep: number;
      readonly normalizedSteps: number;
      readonly initial?: Tensor | undefined;
      readonly plain: boolean;
    },
  ): LifResult {
    const { leak, reset, surrogate, imbalance } = this.settings;
    const run = chunk.plain ? lifSequenceReference : lifSequence;
    return scope("lif layer", () =>
      run(current, {
        leak,
        threshold: this.#threshold,
        reset,
        surrogate,
        imbalance,
        initial: chunk.initial,
        norm: chunk.normalizedSteps > 0 ? this.#normFrom(chunk.firstStep) : undefined,
        normalizedSteps: chunk.normalizedSteps,
      }),
    );
  }

  /**
   * The neurons with the convolution before them, on bits; for all timesteps at once, without a second threshold.
   *
   * @param conv - its weights and shape, and the stride of the average pooling before it (0 is none)
   */
  forwardPacked(
    input: PackedSpikes | Tensor,
    conv: Pick<PackedLayerOptions, "steps" | "dilation" | "poolStride"> & {
      readonly weight: Tensor;
    },
  ): PackedLayerResult {
    const { leak, reset, surrogate } = this.settings;
    const { weight, ...shape } = conv;
    return scope("packed lif layer", () => {
      const neurons = { leak, reset, surrogate, threshold: this.#threshold, norm: this.#normFrom(0) };
      return packedConvLif(input, weight, { ...shape, ...neurons });
    });
  }

  #normFrom(step: number): TemporalNorm | undefined {
    const { norm } = this;
    if (norm === undefined) return undefined;
    const rest = (x: Tensor) => narrow(x, 0, step, (x.shape[0] ?? 0) - step);
    return {
      scale: rest(norm.scale),
      runningMean: rest(norm.runningMean),
      runningVar: rest(norm.runningVar),
      training: this.training,
      momentum: BATCH_NORM_MOMENTUM,
      eps: BATCH_NORM_EPS,
    };
  }
}
