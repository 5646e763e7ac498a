/** `NeuronLayer`: the neurons of one layer as a module: thresholds, learnt numbers, and BNTT where it is on. */
import { checkNumber } from "../checks/index.js";
import {
  copyInto,
  flatten,
  full,
  hasFusedOperators,
  narrow,
  noGrad,
  relu,
  reshape,
  scope,
  splitFirst,
  type Tensor,
  toDevice,
  zeros,
} from "../engine/index.js";
import { OptionError } from "../errors.js";
import { BATCH_NORM_EPS, BATCH_NORM_MOMENTUM, Module, normalizedActivation } from "../nn/index.js";
import { BatchNormThroughTime } from "./batch-norm-through-time.js";
import { binarySlots } from "./binary-slots.js";
import { checkDynamics, checkRead, checkThreshold, toBeRead } from "./check-neurons.js";
import { runIntegers } from "./integer-sequence.js";
import type { Dynamics, LifResult, TemporalNorm } from "./lif-options.js";
import { runLif } from "./lif-sequence.js";
import { sendsIntegers } from "./named-neurons.js";
import { checkNeuron, lif, type Neuron, neuronObstacle } from "./neuron.js";
import { runNeurons } from "./neuron-sequence.js";
import {
  type PackedLayerOptions,
  type PackedLayerResult,
  type PackedSpikes,
  runPackedLayer,
} from "./packed-spikes.js";
import type { SharedNorm } from "./shared-norm.js";
import { surrogateObstacle } from "./surrogates.js";

/** What all neurons of a network share. */
export interface NeuronSettings extends Dynamics {
  /** Default: LIF. */
  readonly neuron?: Neuron;
  /** ϑ at the start, above 0. */
  readonly threshold: number;
  /** Whether backward trains ϑ (default false). */
  readonly learnsThreshold?: boolean;
  /** `cpu`, `cuda`, `cuda:1` … */
  readonly device: string;
}

/**
 * Neurons over a chunk of timesteps: LIF, and neurons that send integers, by their fused operators, any other by the plain
 * path.
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
  /** Batch norm of the layer's currents, through time or shared over it; absent where there is none. */
  readonly norm: BatchNormThroughTime | SharedNorm | undefined;
  /** False: the layer answers as a ReLU, as in the first phase of a training that begins without spikes. */
  spiking = true;
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
    norm: BatchNormThroughTime | SharedNorm | undefined,
    thresholdShape: readonly number[] = [1],
  ) {
    super();
    this.settings = settings;
    this.norm = norm;
    const { threshold, learnsThreshold = false, device } = settings;
    checkDynamics("NeuronLayer", settings);
    checkNumber("NeuronLayer", "threshold", threshold, { above: 0, float32: true });
    checkNeuron("NeuronLayer", this.#neuron);
    const begin = full(thresholdShape, threshold, { device });
    this.#threshold = learnsThreshold ? this.parameter("threshold", begin) : this.buffer("threshold", begin);
    this.#learnt = this.build(() => {
      const numbers = Object.entries(this.#neuron.learnt ?? {});
      return Object.fromEntries(
        numbers.map(([name, value]) => [name, this.parameter(name, full([1], value, { device }))]),
      );
    });
  }

  get #neuron(): Neuron {
    return this.settings.neuron ?? lif;
  }

  /** The most spikes of a neuron in a timestep: 1 of LIF. */
  get levels(): number {
    return this.#neuron.levels ?? 1;
  }

  /** ϑ: `[1]`, `[C]` or `[C, H, W]`. */
  get threshold(): Tensor {
    return this.#threshold;
  }

  /**
   * Replaces ϑ, as conversion does; the layer takes the tensor over, and to its device. A learnt ϑ keeps its shape.
   *
   * @param threshold - one value, `[C]` or `[C, H, W]`, 0 or more
   * @throws OptionError if a threshold is negative, NaN or infinite; nothing is taken over then
   */
  setThreshold(threshold: Tensor): void {
    checkThreshold("setThreshold", threshold);
    if (this.settings.learnsThreshold !== true) {
      const { device } = this.#threshold;
      const there =
        device === threshold.device ? threshold : scope("move", () => toDevice(threshold, device));
      this.#threshold = this.buffer("threshold", there);
      if (there !== threshold) threshold.dispose();
      return;
    }
    // What an optimizer trains stays the same tensor.
    noGrad(() => copyInto(this.#threshold, threshold));
    threshold.dispose();
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
      /** Send integers as binary spikes, D slots for each timestep (default false). */
      readonly slots?: boolean;
    },
  ): LifResult {
    const { leak, reset, surrogate, imbalance } = this.settings;
    const neuron = this.#neuron;
    return scope("neuron layer", () => {
      const shared = this.norm instanceof BatchNormThroughTime ? undefined : this.norm;
      const input = shared === undefined ? current : shared.forwardSteps(current, chunk);
      if (!this.spiking) return asRelu(input);
      const common = { leak, threshold: this.#threshold, initial: chunk.initial };
      const norm = chunk.normalizedSteps > 0 ? this.#normFrom(chunk.firstStep) : undefined;
      const { levels = 1, amplitude = 1 } = neuron;
      if (chunk.slots) return binarySlots(input, { ...common, levels, amplitude });
      const fused = !chunk.plain && norm === undefined && hasFusedOperators(current.device);
      const checking = current.device === "cpu" ? "values" : "shapes";
      if (fused && sendsIntegers(neuron))
        return runIntegers(input, { ...common, levels, amplitude }, checking);
      const { normalizedSteps } = chunk;
      const options = { ...common, reset, surrogate, imbalance, norm, normalizedSteps };
      if (this.#isPlain(chunk.plain)) {
        return runNeurons("neuronSequence", input, { ...options, neuron, learnt: this.#learnt }, checking);
      }
      return runLif(input, { ...options, leak: neuron.learntLeak?.(this.#learnt) ?? leak }, checking);
    });
  }

  /**
   * What {@link forward} could not check without waiting for a GPU: thresholds, and a learnt leak. They are read with what the
   * network counts, then checked by {@link checkNumbers}.
   *
   * @returns a few float64; nothing of a layer on the CPU
   * @internal
   */
  numbersToCheck(): Tensor | undefined {
    if (this.#threshold.device === "cpu") return undefined;
    return scope("numbers", () => toBeRead(this.#threshold, this.#neuron.learntLeak?.(this.#learnt)));
  }

  /**
   * Checks what was read.
   *
   * @param operation - begins the error's message
   * @param values - of {@link numbersToCheck}
   * @throws OptionError if no neurons can have them
   * @internal
   */
  checkNumbers(operation: string, values: readonly number[]): void {
    checkRead(operation, values, sendsIntegers(this.#neuron) ? { above: 0 } : { least: 0 });
  }

  /**
   * One timestep of neurons at rest, of whose membranes nobody asks afterwards: as {@link forward}, where possible in one operator
   * with the norm before them.
   *
   * @param current - `[1, N, C, H, W]`, of the first timestep
   * @param options - of the chunk
   * @param options.slots - as for {@link forward}: the same integers, to the last bit (default false)
   */
  forwardAtRest(
    current: Tensor,
    { slots = false }: { readonly slots?: boolean } = {},
  ): Omit<LifResult, "membrane"> {
    const { norm, spiking } = this;
    const neuron = this.#neuron;
    const shared = norm instanceof BatchNormThroughTime ? undefined : norm;
    const foldable = shared === norm && shared?.factors === undefined;
    if (!foldable || (spiking && !sendsIntegers(neuron)) || !hasFusedOperators(current.device))
      return this.forward(current, { firstStep: 0, normalizedSteps: 1, plain: false, slots });
    return scope("neuron layer", () => {
      const { levels = 1, amplitude = 1 } = spiking ? neuron : {};
      const threshold = this.#threshold;
      if (slots && spiking) {
        // What is below 0 fires as often as what is 0: never.
        const { output } = normalizedActivation(flatten(current, 0, 1), shared, undefined);
        return binarySlots(splitFirst(output, 1), { leak: this.settings.leak, threshold, levels, amplitude });
      }
      const integers = spiking ? { levels, amplitude, threshold } : undefined;
      const { output, counts, excess } = normalizedActivation(flatten(current, 0, 1), shared, integers);
      const worth = amplitude === "threshold" ? reshape(threshold, [-1, 1, 1]) : amplitude;
      return { spikes: splitFirst(output, 1), levels, amplitude: worth, counts, excess };
    });
  }

  #isPlain(asked: boolean): boolean {
    const { surrogate, learnsThreshold = false } = this.settings;
    const { learntLeak, levels, fire, reset } = this.#neuron;
    const isLif = learntLeak ? !(levels ?? fire ?? reset) : neuronObstacle(this.#neuron) === undefined;
    return asked || learnsThreshold || !isLif || surrogateObstacle(surrogate) !== undefined;
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
      const checking = weight.device === "cpu" ? "values" : "shapes";
      return runPackedLayer(input, weight, { ...shape, ...neurons }, checking);
    });
  }

  #normFrom(step: number): TemporalNorm | undefined {
    const { norm } = this;
    if (!(norm instanceof BatchNormThroughTime)) return undefined;
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

/** What a layer of ReLUs passes on: no spikes, no membrane. */
function asRelu(current: Tensor): LifResult {
  const [steps = 0, ...frame] = current.shape;
  const { device } = current;
  return {
    spikes: relu(current),
    levels: 1,
    amplitude: 1,
    membrane: zeros(frame, { device }),
    counts: zeros([steps], { dtype: "int64", device }),
    excess: zeros([steps], { dtype: "float64", device }),
  };
}
