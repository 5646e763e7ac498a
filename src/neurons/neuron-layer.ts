/** `NeuronLayer`: the neurons of one layer as a module: thresholds, learnt numbers, and BNTT where it is on. */
import { checkNumber } from "../checks/index.js";
import { full, narrow, scope, type Tensor } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { BATCH_NORM_EPS, BATCH_NORM_MOMENTUM, Module } from "../nn/index.js";
import type { BatchNormThroughTime } from "./batch-norm-through-time.js";
import { checkDynamics, checkThreshold } from "./check-neurons.js";
import type { Dynamics, LifResult, TemporalNorm } from "./lif-options.js";
import { lifSequence } from "./lif-sequence.js";
import { checkNeuron, lif, type Neuron, neuronObstacle } from "./neuron.js";
import { neuronSequence } from "./neuron-sequence.js";
import {
  type PackedLayerOptions,
  type PackedLayerResult,
  type PackedSpikes,
  packedConvLif,
} from "./packed-spikes.js";
import { surrogateObstacle } from "./surrogates.js";

/** What all neurons of a network share. */
export interface NeuronSettings extends Dynamics {
  /** Default: LIF. */
  readonly neuron?: Neuron;
  /** ϑ at the start, above 0. */
  readonly threshold: number;
  /** `cpu`, `cuda`, `cuda:1` … */
  readonly device: string;
}

/**
 * Neurons over a chunk of timesteps: LIF by its fused operator, any other by the plain path.
 *
 * @example
 * ```ts
 * import { scope } from "snnseg";
 * import { lifDefaults, NeuronLayer } from "snnseg/neurons";
 * import { full } from "snnseg/ops";
 *
 * const layer = new NeuronLayer({ ...lifDefaults, threshold: 0.5, device: "cpu" }, undefined);
 * scope("chunk", () => {
 *   const current = full([4, 1, 8, 16, 16], 0.2); // [T', N, C, H, W]
 *   const { counts } = layer.forward(current, { firstStep: 0, normalizedSteps: 0, plain: false });
 *   console.log(counts.toNumbers()); // spikes per timestep
 * });
 * layer.dispose();
 * ```
 */
export class NeuronLayer extends Module {
  /** As given to the constructor. */
  readonly settings: NeuronSettings;
  /** Batch norm through time of the layer's currents; absent where there is none. */
  readonly norm: BatchNormThroughTime | undefined;
  readonly #learnt: Readonly<Record<string, Tensor>>;
  #threshold: Tensor;

  /**
   * @param settings - kept as they are
   * @param norm - the caller's, who registers it beside this layer
   * @param thresholdShape - `[1]` (default), `[C]` or `[C, H, W]`
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
    checkDynamics("NeuronLayer", settings);
    checkNumber("NeuronLayer", "threshold", threshold, { above: 0, float32: true });
    checkNeuron("NeuronLayer", this.#neuron);
    this.#threshold = this.buffer("threshold", full(thresholdShape, threshold, { device }));
    this.#learnt = this.build(() => {
      const begin = Object.entries(this.#neuron.learnt ?? {});
      return Object.fromEntries(
        begin.map(([name, value]) => [name, this.parameter(name, full([1], value, { device }))]),
      );
    });
  }

  get #neuron(): Neuron {
    return this.settings.neuron ?? lif;
  }

  /** ϑ: `[1]`, `[C]` or `[C, H, W]`. */
  get threshold(): Tensor {
    return this.#threshold;
  }

  /**
   * Replaces ϑ, as conversion does; the layer takes the tensor over.
   *
   * @param threshold - one value, `[C]` or `[C, H, W]`, 0 or more
   * @throws OptionError if a threshold is negative, NaN or infinite; nothing is taken over then
   */
  setThreshold(threshold: Tensor): void {
    checkThreshold("setThreshold", threshold);
    this.#threshold = this.buffer("threshold", threshold);
  }

  /**
   * Runs the neurons.
   *
   * @param current - `[T', N, C, H, W]`, a chunk that starts at timestep `firstStep`
   * @param chunk - where it lies in time, and the membranes that it goes on from
   */
  forward(
    current: Tensor,
    chunk: {
      /** Its row of batch norm through time, from 0. */
      readonly firstStep: number;
      /** How many steps of the chunk BNTT covers. */
      readonly normalizedSteps: number;
      /** v before the chunk, `[N, C, H, W]` (default 0). */
      readonly initial?: Tensor | undefined;
      /** Compute with the plain twin. */
      readonly plain: boolean;
    },
  ): LifResult {
    const { leak, reset, surrogate, imbalance } = this.settings;
    return scope("neuron layer", () => {
      const options = {
        ...{ leak, reset, surrogate, imbalance },
        threshold: this.#threshold,
        initial: chunk.initial,
        norm: chunk.normalizedSteps > 0 ? this.#normFrom(chunk.firstStep) : undefined,
        normalizedSteps: chunk.normalizedSteps,
      };
      return this.#isPlain(chunk.plain)
        ? neuronSequence(current, { ...options, neuron: this.#neuron, learnt: this.#learnt })
        : lifSequence(current, options);
    });
  }

  #isPlain(asked: boolean): boolean {
    const obstacle = neuronObstacle(this.#neuron) ?? surrogateObstacle(this.settings.surrogate);
    return asked || obstacle !== undefined;
  }

  /**
   * LIF neurons with the convolution before them, on bits; for all timesteps at once, without a second threshold.
   *
   * @param input - spikes, or images: as for `packedConvLif`
   * @throws OptionError for another neuron, or a surrogate that the kernels do not know
   * @param conv - its weights and shape, and the stride of the average pooling before it (0 is none)
   */
  forwardPacked(
    input: PackedSpikes | Tensor,
    conv: Pick<PackedLayerOptions, "steps" | "dilation" | "poolStride"> & {
      readonly weight: Tensor;
    },
  ): PackedLayerResult {
    const { leak, reset, surrogate } = this.settings;
    const obstacle = neuronObstacle(this.#neuron);
    if (obstacle !== undefined) {
      throw new OptionError(`forwardPacked: expected LIF neurons, received others: ${obstacle}; use forward`);
    }
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
