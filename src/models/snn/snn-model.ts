/**
 * DeepLab and FCN as spiking networks. All timesteps of a layer are computed at once: convolutions see time folded
 * into the batch, neurons scan over time inside one operator. The same code runs one timestep at a time for streams.
 */
import { checkInteger, LARGEST_INT } from "../../checks/index.js";
import { add, flatten, noGrad, reshape, scope, splitFirst, sum, type Tensor } from "../../engine/index.js";
import { OptionError, ShapeError } from "../../errors.js";
import { type NeuronLayer, packedConv2d, packedSum, sendsIntegers } from "../../neurons/index.js";
import { type Conv2d, Module, type Precision } from "../../nn/index.js";
import type { BuildOptions } from "../build-options.js";
import {
  checkBatchStatistics,
  checkModelConfig,
  mostSteps,
  type NetworkPlan,
  neuronOf,
  planNetwork,
  type SnnConfig,
  sizeOf,
} from "../plan/index.js";
import type {
  ForwardObserver,
  ForwardOptions,
  ForwardResult,
  LayerActivity,
  SegmentationModel,
} from "../segmentation-model.js";
import { fireInto } from "./fire.js";
import { ActivityCounts } from "./layer-activity.js";
import { bitsCover, packedFeatures } from "./packed-features.js";
import { ReadOut } from "./read-out.js";
import { currentOf } from "./slots.js";
import { buildParts, type SnnParts, skipsOf, spikingLayers } from "./snn-parts.js";
import { decodeSpikes } from "./spiking-decoder.js";
import { spikingFeatures } from "./spiking-features.js";
import { SpikingState } from "./spiking-state.js";

/** A spiking network. */
export class SnnModel extends Module implements SegmentationModel {
  #config: SnnConfig;
  readonly #plan: NetworkPlan;
  readonly #parts: SnnParts;
  readonly #skips: ReadonlyMap<string, Conv2d>;
  readonly #readOut: ReadOut;
  readonly #precision: Precision;
  #inSlots = false;

  /** @throws OptionError if the config is not one of a network @internal */
  constructor(config: SnnConfig, options: BuildOptions) {
    super();
    checkModelConfig(config);
    this.#config = config;
    this.#precision = options.precision;
    this.#plan = planNetwork(config);
    this.#parts = this.build(() =>
      buildParts(this.#plan, config, { ...options, child: (name, module) => this.child(name, module) }),
    );
    this.#skips = skipsOf(this.#parts);
    if (config.spiking === false) this.setSpiking(false);
    this.#readOut = new ReadOut({ ...this.#parts, skips: this.#skips }, this.#plan, config);
  }

  /** What the network is; complete. */
  get config(): SnnConfig {
    return this.#config;
  }

  /**
   * Lets neurons spike, or answer as ReLUs: a training may begin so and let them spike later.
   *
   * @param spiking - false for ReLUs; kept in {@link config}
   * @throws OptionError for ReLUs in a network with batch norm through time
   */
  setSpiking(spiking: boolean): void {
    const config = { ...this.#config, spiking };
    checkModelConfig(config);
    this.#config = config;
    for (const layer of this.spikingLayers().values()) layer.spiking = spiking;
  }

  /**
   * Lets neurons send an integer k as k binary spikes in D slots of each timestep, as hardware of binary spikes does: the same
   * answers. For evaluation: no gradient passes.
   *
   * @param inSlots - false for integers
   * @throws OptionError for neurons that send no integers
   */
  setSlots(inSlots: boolean): void {
    const neuron = neuronOf(this.config);
    if (inSlots && !sendsIntegers(neuron)) {
      throw new OptionError(
        `slots: expected neurons that send integers, received ${neuron.name}; train with --neuron integer`,
      );
    }
    this.#inSlots = inSlots;
  }

  /** Spiking layers by name, input first, the decoder's stages last: where conversion puts thresholds. */
  spikingLayers(): ReadonlyMap<string, NeuronLayer> {
    return spikingLayers(this.#parts);
  }

  forward(input: Tensor, options: ForwardOptions = {}): ForwardResult {
    return scope("snn forward", () => {
      using state = new SpikingState();
      if (this.#trainsOnBits(input, options)) {
        const activity = this.#advancePacked(input, state, options.observer);
        return { logits: this.readOut(state, sizeOf(input)), activity };
      }
      using each = options.eachStep ? new SpikingState() : undefined;
      const activity = this.#advance(input, state, {
        ...options,
        ...{ extraSteps: this.extraSteps, each, forgets: true },
      });
      const logits = this.readOut(state, sizeOf(input));
      if (each === undefined) return { logits, activity };
      // One timestep of T·N images.
      each.step = 1;
      const stepLogits = splitFirst(this.#readOut.scores(each, sizeOf(input)), state.step);
      return { logits, stepLogits, activity };
    });
  }

  /** Steps that full propagation adds after the input. */
  get extraSteps(): number {
    return this.config.fullPropagation ? this.#plan.depth : 0;
  }

  /**
   * Runs a chunk of timesteps from `state` on and leaves the new state there; {@link readOut} gives the scores.
   *
   * @param input - `[T', N, C, H, W]`, or `[N, C, H, W]` for `steps` timesteps of a constant input (default: T)
   * @param state - written: membranes, sums, and the timestep
   * @param options - `extraSteps` without input follow (default 0), as in full propagation; the rest as for {@link forward}
   * @throws ShapeError if the frames are none of the network, or of another shape than those before
   * @throws OptionError if the state is another network's, DisposedTensorError if it was disposed
   */
  advance(
    input: Tensor,
    state: SpikingState,
    options: Omit<ForwardOptions, "eachStep"> & {
      readonly steps?: number;
      readonly extraSteps?: number;
    } = {},
  ): LayerActivity[] {
    return this.#advance(input, state, options);
  }

  /**
   * @param options - `each` gets what the output reads of every timestep by itself, as of `T'·N` images; `forgets`: nobody reads
   *   the membranes afterwards
   */
  #advance(
    input: Tensor,
    state: SpikingState,
    options: ForwardOptions & {
      readonly steps?: number;
      readonly extraSteps?: number;
      readonly each?: SpikingState | undefined;
      readonly forgets?: boolean;
    },
  ): LayerActivity[] {
    const { plain = false, steps: constantSteps = this.config.timesteps, extraSteps = 0, observer } = options;
    const steps = input.shape.length === 4 ? constantSteps : (input.shape[0] ?? 0);
    this.#check(input, state, steps);
    const { timesteps, initialMembrane } = this.config;
    const normalizedSteps = Math.max(0, Math.min(steps, timesteps - state.step));
    using activity = new ActivityCounts();
    const total = steps + extraSteps;
    const slots = this.#inSlots;
    const { forgets = false } = options;
    const timed = { steps: total, normalizedSteps, initialMembrane, plain, slots, forgets, observer };
    const fire = fireInto(activity, state, timed);
    observer?.started?.(state.step);
    scope("snn advance", () => {
      const { layers, output, stages } = this.#parts;
      const { last, skips } = spikingFeatures(layers, input, {
        steps: { input: steps, extra: extraSteps, first: state.step, normalized: normalizedSteps },
        fire,
        observer,
      });
      const { decoder } = this.#plan;
      const scoresOf = (skip: string) =>
        flatten(currentOf(this.#skips.get(skip)!, skips.get(skip)!, total), 0, 1);
      if (output) observer?.input?.(this.#plan.output!.name, last);
      const decoded =
        decoder && decodeSpikes({ ...decoder, stages }, { steps: total, fire, observer, scoresOf });
      const read = (over: (x: Tensor) => Tensor) => ({
        last: () => over(last),
        skip: (name: string) => over(skips.get(name)!),
        decoded: decoded && over(decoded),
      });
      this.#readOut.integrate(
        state,
        read((x) => sum(x, [0])),
      );
      if (options.each !== undefined) {
        this.#readOut.integrate(
          options.each,
          read((x) => flatten(x, 0, 1)),
        );
      }
      state.step += total;
    });
    return activity.read();
  }

  /** The output with weights of its own, for kernels that compute the layers themselves; the caller disposes it. @internal */
  copyReadOut(): ReadOut {
    return noGrad(() => this.#readOut.copy());
  }

  /**
   * Scores of what has been integrated so far, `[N, K, H, W]`: an answer is there after every timestep.
   *
   * @param state - read, never written
   * @param size - height and width of the scores; a decoder's are those of its input
   * @throws OptionError if the state has seen nothing or is another network's, DisposedTensorError if it was disposed
   * @throws ShapeError if a decoder cannot answer in this size
   */
  readOut(state: SpikingState, size: readonly [number, number]): Tensor {
    for (const side of size) checkInteger("readOut", "size", side, { most: LARGEST_INT });
    const seen = state.seenBy(this);
    if (this.#plan.decoder && seen.join() !== size.join()) {
      throw new ShapeError(`readOut: expected the size of the frames, [${seen}], received [${size}]`);
    }
    return this.#readOut.scores(state, size);
  }

  #trainsOnBits(input: Tensor, { plain = false, eachStep = false, observer }: ForwardOptions): boolean {
    if (this.#precision !== "bf16" || !this.training || plain || eachStep) return false;
    if (observer?.input ?? observer?.current ?? observer?.fired) return false;
    return bitsCover(this.config, input, this.spikingLayers().values());
  }

  /** All timesteps of a training step on bit-packed spikes. */
  #advancePacked(input: Tensor, state: SpikingState, observer: ForwardObserver | undefined): LayerActivity[] {
    const steps = this.config.timesteps;
    this.#check(input, state, steps);
    using activity = new ActivityCounts();
    scope("snn advance", () => {
      const { layers, stages } = this.#parts;
      const { decoder } = this.#plan;
      const { last, skips } = packedFeatures(layers, input, { steps, observer, activity });
      const fire = fireInto(activity, state, { steps, normalizedSteps: 0, observer });
      const scoresOf = (skip: string) => {
        const { weight, bias } = this.#skips.get(skip)!;
        return add(packedConv2d(skips.get(skip)!, weight), reshape(bias!, [-1, 1, 1]));
      };
      const decoded = decoder && decodeSpikes({ ...decoder, stages }, { steps, fire, observer, scoresOf });
      this.#readOut.integrate(state, {
        last: () => packedSum(last),
        skip: (name) => packedSum(skips.get(name)!),
        decoded: decoded && sum(decoded, [0]),
      });
      state.step += steps;
    });
    return activity.read();
  }

  #check(input: Tensor, state: SpikingState, steps: number): void {
    const { inputChannels, timesteps, batchNorm } = this.config;
    const { shape } = input;
    if ((shape.length !== 4 && shape.length !== 5) || shape.at(-3) !== inputChannels) {
      throw new ShapeError(
        `forward: expected frames [T, N, ${inputChannels}, H, W] or images [N, ${inputChannels}, H, W], received [${shape}]`,
      );
    }
    if (steps < 1) throw new ShapeError(`forward: expected at least one timestep, received [${shape}]`);
    checkInteger("forward", "steps", steps);
    if (batchNorm && this.training) checkBatchStatistics(this.#plan, input);
    if (state.step + steps > mostSteps(this.config)) {
      throw new ShapeError(
        `forward: expected at most ${timesteps} timesteps, as its batch norm knows, received ${state.step + steps}; ` +
          "begin with a new SpikingState, or train with more --timesteps",
      );
    }
    state.use("forward", { network: this, frame: shape.slice(-4) });
  }
}
