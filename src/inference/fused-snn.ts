/**
 * A spiking network on fused kernels: between layers travel bits, one per spike; convolution, batch norm and neurons of
 * a layer are one pass over all timesteps. It equals the network's own forward in evaluation up to its precision. What
 * is left out: gradients, observers, the membranes' mean excess.
 */
import { add, convTranspose2d, noGrad, reshape, scope, type Tensor } from "../engine/index.js";
import { ShapeError } from "../errors.js";
import { type LayerSpikes, mostSteps, SpikingState, walkDecoder } from "../models/index.js";
import { FusedChunk } from "./fused-chunk.js";
import type { FusedLayer, FusedParts } from "./fused-parts.js";
import { type ConvPlan, describeConv, lifSpikes, spikeConv, sumSpikes, unpackSpikes } from "./spike-ops.js";

/** What a network gives in inference. */
export interface FusedResult {
  /** Class scores `[N, K, H, W]`. */
  readonly logits: Tensor;
  /** What each spiking layer fired, from input to output. */
  readonly activity: readonly LayerSpikes[];
}

/** A skip and the spikes that it reads. */
interface ReadSkip {
  readonly layer: Extract<FusedLayer, { kind: "skip" }>;
  readonly bits: Tensor;
}

/** Made by `fuseSnn`, with weights of its own: what becomes of the network that it was made from does not matter to it. */
export class FusedSnn implements Disposable {
  /** Height and width of the input that it was compiled for. */
  readonly size: readonly [number, number];
  readonly #parts: FusedParts;

  /** @internal */
  constructor(parts: FusedParts) {
    this.#parts = parts;
    this.size = parts.size;
  }

  /** Of the network it was made from. */
  get config(): FusedParts["config"] {
    return this.#parts.config;
  }

  /**
   * Scores of a batch.
   *
   * @param input - frames `[T, N, C, H, W]`, or images `[N, C, H, W]`, which are fed unchanged at every timestep
   * @throws ShapeError if it is of another size than the network was compiled for
   */
  forward(input: Tensor): FusedResult {
    return scope("fused forward", () =>
      noGrad(() => {
        using state = new SpikingState();
        const activity = this.#run(input, state, { carry: (this.#parts.config.initialMembrane ?? 0) > 0 });
        return { logits: this.readOut(state), activity };
      }),
    );
  }

  /**
   * One frame `[N, C, H, W]` of a stream: membranes go on from `state` and stay there. {@link readOut} then gives an
   * answer at any time.
   *
   * @param frame - of the compiled size
   * @param state - written; begin with a new one
   * @throws ShapeError if it is no frame of the size the network was compiled for; see {@link advance} for the rest
   */
  step(frame: Tensor, state: SpikingState): LayerSpikes[] {
    const { shape } = frame;
    if (shape.length !== 4) {
      const { inputChannels } = this.#parts.config;
      throw new ShapeError(
        `fused step: expected one frame [N, ${inputChannels}, ${this.size.join(", ")}], received [${shape.join(", ")}]; ` +
          "advance takes several",
      );
    }
    return scope("fused step", () => this.advance(reshape(frame, [1, ...frame.shape]), state));
  }

  /**
   * Runs a chunk of timesteps from `state` on and leaves the new state there.
   *
   * @param input - frames `[T', N, C, H, W]`, or images `[N, C, H, W]`, which are fed at all T timesteps
   * @param state - written: membranes, sums, and the timestep
   * @throws ShapeError if the frames are none of the network, or of another shape than those before
   * @throws OptionError if another network, such as the unfused one, advanced the state, DisposedTensorError if it was disposed
   */
  advance(input: Tensor, state: SpikingState): LayerSpikes[] {
    return this.#run(input, state, { carry: true });
  }

  /** @param carry - keep the membranes in `state`; otherwise they start from 0 and live only in cache */
  #run(input: Tensor, state: SpikingState, { carry }: { readonly carry: boolean }): LayerSpikes[] {
    const { constant, steps, batch } = this.#check(input, state);
    return scope("fused advance", () =>
      noGrad(() => {
        const run = new FusedChunk(this.#parts.config, state, { steps, batch, carry });
        const skips = new Map<string, ReadSkip>();
        const kept = new Set<Tensor>();
        let bits: Tensor | undefined;
        let channels = 0;
        for (const layer of this.#parts.layers) {
          if (layer.kind === "skip") {
            skips.set(layer.name, { layer, bits: bits! });
            kept.add(bits!);
            continue;
          }
          const before = bits;
          bits = scope("fused layer", () =>
            layer.kind === "first" ? run.first(layer, input, constant) : run.hidden(layer, before!),
          );
          channels = layer.neurons.channels;
          if (before && !kept.has(before)) before.dispose();
        }
        this.#parts.readOut.integrate(state, {
          last: () => sumSpikes(bits!, steps, channels),
          skip: (name) => sumSpikes(skips.get(name)!.bits, steps, skips.get(name)!.layer.channels),
          decoded: this.#decode(run, steps, skips),
        });
        state.step += steps;
        return run.activity;
      }),
    );
  }

  /** The stages that fire: the last one's spikes over time, `[N, K, h, w]`; `undefined` where none does. */
  #decode(run: FusedChunk, steps: number, skips: ReadonlyMap<string, ReadSkip>): Tensor | undefined {
    const { plan, stages } = this.#parts;
    const last = stages.at(-1);
    if (last === undefined) return undefined;
    const scoresOf = (skip: string) => {
      const { layer, bits } = skips.get(skip)!;
      return scope("scores", () => add(spikeConv(layer.conv!, bits), reshape(layer.bias, [-1, 1, 1])));
    };
    return walkDecoder(scoresOf(plan.decoder!.deepest), stages, {
      raise: ({ weight }, x) => {
        const raised = convTranspose2d(x, weight, { stride: 2 });
        x.dispose();
        return raised;
      },
      scoresOf: ({ skip }) => scoresOf(skip),
      pass: (stage, current) => {
        const { channels } = stage.neurons;
        const bits = run.fire(stage.neurons, (folded) => lifSpikes(current, steps, folded));
        return stage === last ? sumSpikes(bits, steps, channels) : unpackSpikes(bits, channels);
      },
    });
  }

  /**
   * Scores of what has been integrated so far, `[N, K, H, W]`.
   *
   * @param state - read, never written
   * @throws as `SnnModel.readOut` does
   */
  readOut(state: SpikingState): Tensor {
    state.seenBy(this);
    return noGrad(() => this.#parts.readOut.scores(state, this.size));
  }

  /** The form that each convolution computes in, and its packed weights' bytes. */
  describe(): ({
    /** Key of its weights without `.weight`, such as `features.0`. */
    readonly name: string;
  } & ConvPlan)[] {
    return this.#parts.layers.flatMap((layer) =>
      layer.kind === "skip" ? [] : [{ name: layer.neurons.name, ...describeConv(layer.conv) }],
    );
  }

  /** Frees its weights. */
  dispose(): void {
    for (const each of this.#parts.owned) each[Symbol.dispose]();
  }

  /** {@link dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #check(input: Tensor, state: SpikingState) {
    const { inputChannels, timesteps } = this.#parts.config;
    const { shape } = input;
    const expected = [inputChannels, ...this.size];
    const fits = (shape.length === 4 || shape.length === 5) && shape.slice(-3).join() === expected.join();
    if (!fits) {
      throw new ShapeError(
        `fused forward: expected frames [T, N, ${expected}] or images [N, ${expected}], received [${shape}]; ` +
          "fuse the network for this size",
      );
    }
    const constant = shape.length === 4;
    const steps = constant ? timesteps : shape[0]!;
    if (steps < 1) throw new ShapeError(`fused forward: expected at least one timestep, received [${shape}]`);
    if (state.step + steps > mostSteps(this.#parts.config)) {
      throw new ShapeError(
        `fused forward: expected at most ${timesteps} timesteps, as its batch norm knows, received ` +
          `${state.step + steps}; begin with a new SpikingState, or train with more --timesteps`,
      );
    }
    state.use("fused forward", { network: this, frame: shape.slice(-4) });
    return { constant, steps, batch: shape.at(-4)! };
  }
}
