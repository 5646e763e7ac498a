/**
 * DeepLab and FCN as spiking networks. All timesteps of a layer are computed at once: convolutions see time folded
 * into the batch, neurons scan over time inside one operator. The same code runs one timestep at a time for streams.
 *
 * The output integrates without leak and never fires. As it is linear, its input is summed over time first and
 * convolved once. DeepLab divides by T; FCN, as in the reference, does not. FCN's decoder stages 1 and 2 are LIF
 * layers driven by the previous stage's upsampled spikes plus a skip; stage 3 integrates.
 */
import { checkInteger, LARGEST_INT } from "../checks/index.js";
import {
  add,
  avgPool2d,
  channelsLast,
  clone,
  concat,
  expand,
  flatten,
  mean,
  mul,
  reshape,
  resizeBilinear,
  scope,
  splitFirst,
  sum,
  type Tensor,
  unsqueeze,
  zeros,
} from "../engine/index.js";
import { ShapeError } from "../errors.js";
import {
  BatchNormThroughTime,
  LifLayer,
  type NeuronSettings,
  packedConv2d,
  packedSum,
} from "../neurons/index.js";
import { type Conv2d, Module, type Precision, Upsampler } from "../nn/index.js";
import { checkBatchStatistics } from "./batch-statistics.js";
import { checkModelConfig } from "./check-model-config.js";
import { describeActivity } from "./layer-activity.js";
import { companion, type NetworkPlan, type PlannedLayer, planNetwork } from "./layer-plan.js";
import type { SnnConfig } from "./model-config.js";
import { bitsCover, packedFeatures } from "./packed-forward.js";
import type {
  ForwardObserver,
  ForwardOptions,
  ForwardResult,
  LayerActivity,
  SegmentationModel,
} from "./segmentation-model.js";
import { type BuildOptions, convolutions, layerSeed, sizeOf } from "./shared.js";
import type { DecoderStage, Part } from "./snn-parts.js";
import { SpikingState } from "./spiking-state.js";

type Neurons = (name: string, lif: LifLayer, current: Tensor) => Tensor;

/** A spiking network. */
export class SnnModel extends Module implements SegmentationModel {
  readonly config: SnnConfig;
  readonly #plan: NetworkPlan;
  readonly #parts: readonly Part[];
  readonly #output: Conv2d | undefined;
  readonly #decoder: readonly DecoderStage[];
  readonly #precision: Precision;

  /** @throws OptionError if the config is not one of a network */
  constructor(config: SnnConfig, options: BuildOptions) {
    super();
    checkModelConfig(config);
    this.config = config;
    this.#precision = options.precision;
    this.#plan = planNetwork(config);
    const { init, leak, threshold, reset, surrogate, imbalance, thresholdShapes = {} } = config;
    const { device } = options;
    const neurons: NeuronSettings = { leak, threshold, reset, surrogate, imbalance, device };
    const conv = convolutions(config, options);
    const part = (layer: PlannedLayer): Part => {
      if (layer.kind === "pool") return layer;
      const { name } = layer;
      if (layer.kind === "skip") {
        return {
          kind: "skip",
          name,
          conv: this.child(name, conv.scores(name, layer.inputs, { bias: true })),
        };
      }
      const norm = config.batchNorm
        ? this.child(companion("bn", name), new BatchNormThroughTime(config.timesteps, layer.outputs, device))
        : undefined;
      return {
        kind: "conv",
        name,
        conv: this.child(name, conv.hidden(layer)),
        lif: this.child(companion("lif", name), new LifLayer(neurons, norm, thresholdShapes[name])),
      };
    };
    this.#parts = this.build(() => this.#plan.layers.map(part));
    const { output } = this.#plan;
    const bias = config.convBias ?? false;
    this.#output =
      output && this.build(() => this.child(output.name, conv.scores(output.name, output.inputs, { bias })));
    const channels = config.numClasses;
    const decoderStage = (stage: number): DecoderStage => {
      const name = `upsample.${stage}`;
      const seed = layerSeed(options, `${name}.0`);
      return {
        name,
        upsampler: this.child(`${name}.0`, new Upsampler({ channels, init, device, seed })),
        lif:
          stage < 2 && !config.integratingDecoder
            ? this.child(companion("lif", name), new LifLayer(neurons, undefined, thresholdShapes[name]))
            : undefined,
      };
    };
    this.#decoder = this.build(() => (this.#plan.family === "fcn" ? [0, 1, 2] : []).map(decoderStage));
  }

  /** Spiking layers by name, input first, FCN's decoder stages last: where conversion puts thresholds. */
  spikingLayers(): ReadonlyMap<string, LifLayer> {
    const layers = new Map<string, LifLayer>();
    for (const part of this.#parts) if (part.kind === "conv") layers.set(part.name, part.lif);
    for (const stage of this.#decoder) if (stage.lif) layers.set(stage.name, stage.lif);
    return layers;
  }

  forward(input: Tensor, options: ForwardOptions = {}): ForwardResult {
    return scope("snn forward", () => {
      using state = new SpikingState();
      const activity = this.#trainsOnBits(input, options)
        ? this.#advancePacked(input, state, options.observer)
        : this.advance(input, state, { ...options, extraSteps: this.extraSteps });
      return { logits: this.readOut(state, sizeOf(input)), activity };
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
   * @throws ShapeError if the frames are none of the network, or of another shape than those before
   * @throws OptionError if the state is another network's, DisposedTensorError if it was disposed
   */
  advance(
    input: Tensor,
    state: SpikingState,
    options: ForwardOptions & { readonly steps?: number; readonly extraSteps?: number } = {},
  ): LayerActivity[] {
    const { plain = false, steps: constantSteps = this.config.timesteps, extraSteps = 0, observer } = options;
    const constant = input.shape.length === 4;
    const inputSteps = constant ? constantSteps : (input.shape[0] ?? 0);
    this.#check(input, state, inputSteps);
    const steps = inputSteps + extraSteps;
    const normalizedSteps = Math.max(0, Math.min(inputSteps, this.config.timesteps - state.step));
    const activity: LayerActivity[] = [];

    const fire = this.#neurons(state, { normalizedSteps, plain, observer, activity });
    observer?.started?.(state.step);
    scope("snn advance", () => {
      const scores: Tensor[] = [];
      let x = this.#firstCurrentInput(input, inputSteps, extraSteps);
      let first = true;
      for (const part of this.#parts) {
        if (part.kind !== "pool" && !(first && constant && state.step > 0)) observer?.input?.(part.name, x);
        if (part.kind === "skip") {
          scores.push(x);
          continue;
        }
        const before = x;
        x = scope("layer", () => {
          if (part.kind === "pool") {
            const pooled = avgPool2d(flatten(before, 0, 1), {
              kernelSize: 3,
              stride: part.stride,
              padding: 1,
            });
            return splitFirst(pooled, steps); // [T', N, C, H', W']
          }
          const current =
            first && constant
              ? repeat(part.conv.forward(before), inputSteps, extraSteps)
              : splitFirst(part.conv.forward(flatten(before, 0, 1)), steps);
          return fire(part.name, part.lif, current);
        });
        first = false;
        if (!scores.includes(before)) before.dispose();
      }
      if (this.#output) {
        observer?.input?.(this.#plan.output!.name, x);
        state.integrate("output", sum(x, [0]));
      } else if (this.config.integratingDecoder) {
        for (const [index, spikes] of scores.entries()) state.integrate(`skip ${index}`, sum(spikes, [0]));
      } else {
        this.#decode(state, steps, {
          fire,
          observer,
          scoresOf: (skip) => this.#skips[skip]!.forward(flatten(scores[skip]!, 0, 1)),
          sumOf: (skip) => sum(scores[skip]!, [0]),
        });
      }
      state.step += steps;
    });
    return activity;
  }

  /**
   * Scores of what has been integrated so far, `[N, K, H, W]`: an answer is there after every timestep.
   *
   * @param size - height and width of the scores; FCN's are those of its input
   * @throws OptionError if the state has seen nothing or is another network's, DisposedTensorError if it was disposed
   * @throws ShapeError if FCN cannot answer in this size
   */
  readOut(state: SpikingState, size: readonly [number, number]): Tensor {
    for (const side of size) checkInteger("readOut", "size", side, { most: LARGEST_INT });
    const seen = state.seenBy(this);
    if (this.#output === undefined && seen.join() !== size.join()) {
      throw new ShapeError(`readOut: expected the size of the frames, [${seen}], received [${size}]`);
    }
    return scope("read out", () => {
      if (this.#output) {
        const mean = mul(state.integral("output"), 1 / Math.min(state.step, this.config.timesteps));
        return resizeBilinear(this.#output.forward(mean), size);
      }
      if (this.config.integratingDecoder) return this.#decodeIntegrals(state);
      const skip = this.#skips[0]!;
      const upsampler = this.#decoder[2]!.upsampler;
      const fromBelow = resizeBilinear(upsampler.forward(state.integral("decoder")), size);
      const fromSkip = skip.forwardLinear(state.integral("skip"));
      const bias = reshape(mul(skip.bias!, state.step), [-1, 1, 1]);
      return add(add(fromBelow, fromSkip), bias);
    });
  }

  /** FCN's decoder on what its skips have summed up: it is linear, so once over the sums is once per timestep. */
  #decodeIntegrals(state: SpikingState): Tensor {
    const scores = this.#skips.map((skip, index) => {
      const bias = reshape(mul(skip.bias!, state.step), [-1, 1, 1]);
      return add(skip.forwardLinear(state.integral(`skip ${index}`)), bias);
    });
    let x = scores.pop()!;
    for (const { upsampler } of this.#decoder) {
      const skip = scores.pop()!;
      x = add(resizeBilinear(upsampler.forward(x), sizeOf(skip)), skip);
    }
    return x;
  }

  /** v before the first timestep of a layer; `undefined` is 0. */
  #initialMembrane(lif: LifLayer, current: Tensor): Tensor | undefined {
    const { initialMembrane = 0 } = this.config;
    if (initialMembrane === 0) return undefined;
    const { threshold } = lif;
    const perChannel = threshold.shape.length === 1 ? reshape(threshold, [-1, 1, 1]) : threshold;
    return clone(expand(mul(perChannel, initialMembrane), current.shape.slice(1)));
  }

  get #skips(): Conv2d[] {
    return this.#parts.flatMap((part) => (part.kind === "skip" ? [part.conv] : []));
  }

  /** FCN's decoder over the chunk; skips are counted from the shallowest. */
  #decode(
    state: SpikingState,
    steps: number,
    {
      fire,
      observer,
      scoresOf,
      sumOf,
    }: {
      readonly fire: Neurons;
      readonly observer: ForwardObserver | undefined;
      /** `[T'·N, K, h, w]` */
      readonly scoresOf: (skip: number) => Tensor;
      /** Spikes over time of the neurons that a skip reads, `[N, C, h, w]`. */
      readonly sumOf: (skip: number) => Tensor;
    },
  ): void {
    let x = scoresOf(3);
    for (const [index, stage] of this.#decoder.entries()) {
      const depth = 2 - index;
      observer?.input?.(`${stage.name}.0`, x.shape.length === 5 ? x : splitFirst(x, steps));
      if (!stage.lif) {
        state.integrate("decoder", sum(x, [0]));
        state.integrate("skip", sumOf(depth));
        break;
      }
      const below = x;
      x = scope("decoder stage", () => {
        const skip = scoresOf(depth);
        const folded = below.shape.length === 5 ? flatten(below, 0, 1) : below;
        const current = add(resizeBilinear(stage.upsampler.forward(folded), sizeOf(skip)), skip);
        return fire(stage.name, stage.lif!, splitFirst(current, steps));
      });
    }
  }

  /** One LIF layer over a chunk: current `[T', N, C, H, W]` → spikes of that shape; notes what it fired. */
  #neurons(
    state: SpikingState,
    {
      normalizedSteps,
      plain,
      observer,
      activity,
    }: {
      readonly normalizedSteps: number;
      readonly plain: boolean;
      readonly observer: ForwardObserver | undefined;
      readonly activity: LayerActivity[];
    },
  ): Neurons {
    return (name, lif, current) => {
      observer?.current?.(name, current);
      const initial = state.membrane(name) ?? this.#initialMembrane(lif, current);
      const result = lif.forward(current, { firstStep: state.step, normalizedSteps, initial, plain });
      state.setMembrane(name, result.membrane);
      const [, , ...perExample] = current.shape;
      activity.push(describeActivity(name, current.shape[1] ?? 1, perExample, result));
      observer?.rate?.(name, mean(result.spikes));
      observer?.fired?.(name, result);
      return result.spikes;
    };
  }

  #trainsOnBits(input: Tensor, { plain = false, observer }: ForwardOptions): boolean {
    if (this.#precision !== "fast" || !this.training || plain || input.device !== "cpu") return false;
    if (observer?.input ?? observer?.current ?? observer?.fired) return false;
    return bitsCover(this.config, input, this.spikingLayers().values());
  }

  /** All timesteps of a training step on bit-packed spikes. */
  #advancePacked(input: Tensor, state: SpikingState, observer: ForwardObserver | undefined): LayerActivity[] {
    const { timesteps: steps, integratingDecoder } = this.config;
    this.#check(input, state, steps);
    const activity: LayerActivity[] = [];
    scope("snn advance", () => {
      const { last, skips } = packedFeatures(this.#parts, input, { steps, observer, activity });
      if (this.#output) {
        state.integrate("output", packedSum(last));
      } else if (integratingDecoder) {
        for (const [index, spikes] of skips.entries()) state.integrate(`skip ${index}`, packedSum(spikes));
      } else {
        const normalizedSteps = 0;
        this.#decode(state, steps, {
          fire: this.#neurons(state, { normalizedSteps, plain: false, observer, activity }),
          observer,
          scoresOf: (skip) => {
            const { weight, bias } = this.#skips[skip]!;
            return add(packedConv2d(skips[skip]!, weight), reshape(bias!, [-1, 1, 1]));
          },
          sumOf: (skip) => packedSum(skips[skip]!),
        });
      }
      state.step += steps;
    });
    return activity;
  }

  #firstCurrentInput(input: Tensor, inputSteps: number, extraSteps: number): Tensor {
    if (input.shape.length === 4) return channelsLast(input);
    const [, batch = 0, ...rest] = input.shape;
    const padded =
      extraSteps > 0 ? concat([input, zeros([extraSteps, batch, ...rest], { device: input.device })]) : input;
    return splitFirst(channelsLast(flatten(padded, 0, 1)), inputSteps + extraSteps);
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
    if (batchNorm && state.step + steps > timesteps) {
      throw new ShapeError(
        `forward: expected at most ${timesteps} timesteps, as batch norm through time knows, received ${state.step + steps}; ` +
          "begin with a new SpikingState, or train with more --timesteps",
      );
    }
    state.use("forward", { network: this, form: "plain", frame: shape.slice(-4) });
  }
}

/** A constant current for `steps` steps, then zeros: `[N, C, H, W]` → `[steps + extra, N, C, H, W]`. */
function repeat(current: Tensor, steps: number, extra: number): Tensor {
  const frames = expand(unsqueeze(current, 0), [steps, ...current.shape]);
  return extra > 0 ? concat([frames, zeros([extra, ...current.shape], { device: current.device })]) : frames;
}
