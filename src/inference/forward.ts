/** A network's forward for inference: its own, or on fused kernels that are compiled once a size. */

import { SpikeCounts } from "../activity/index.js";
import type { Tensor } from "../engine/index.js";
import { OptionError } from "../errors.js";
import {
  type ForwardNetwork,
  infer,
  type NetworkScores,
  type SegmentationModel,
  SnnModel,
  type SpikingState,
  timedInput,
} from "../models/index.js";
import { type ExplainedLayer, explainedLayers } from "./explained-layers.js";
import { fuseIntegers } from "./fuse-integers.js";
import { fuseSnn } from "./fuse-snn.js";
import type { FusedSnn } from "./fused-snn.js";
import { fusionObstacle } from "./fusible.js";
import type { IntegerNet } from "./integer-net.js";
import { integersObstacle } from "./integer-neurons.js";
import { type FusedPrecision, fusedPrecisions } from "./spike-ops.js";

/**
 * How inference computes a network: `fp32` by its own forward, the others on the fused kernels. A network that sends integers in one
 * timestep has one fused form, with weights of 8 bits, for `fast` and `int8`.
 */
export type ComputePrecision = "fp32" | FusedPrecision;
/** All of them, the most exact one first. */
export const computePrecisions: readonly ComputePrecision[] = ["fp32", ...fusedPrecisions];

/**
 * Checks that a network can be computed so on a device: the fused kernels are the CPU's.
 *
 * @param precision - that was asked for
 * @param device - `cpu`, `cuda` or `cuda:N`
 * @throws OptionError for fused kernels on another device
 */
export function checkComputing(precision: ComputePrecision, device: string): void {
  if (precision === "fp32" || device === "cpu") return;
  throw new OptionError(
    `--precision: expected fp32 with --device ${device}, received ${precision}, whose kernels run on the CPU alone; leave one of them out`,
  );
}

/** Runs a network on inputs of any size. The owner disposes it, and the network. */
export class Forward implements ForwardNetwork, Disposable {
  readonly #model: SegmentationModel;
  readonly #precision: ComputePrecision;
  readonly #fused = new Map<string, FusedSnn>();
  readonly #sendsIntegers: boolean;
  #integers: IntegerNet | undefined;
  readonly #spikes = new SpikeCounts();

  /**
   * @param model - in evaluation mode; not changed while this lives, as compiled copies would not see it
   * @param options - `precision`; `warn` is told where the network cannot be fused and its own forward runs instead
   */
  constructor(
    model: SegmentationModel,
    { precision, warn }: { readonly precision: ComputePrecision; readonly warn?: (message: string) => void },
  ) {
    this.#model = model;
    const obstacle = precision === "fp32" ? undefined : fusionObstacle(model);
    this.#sendsIntegers =
      obstacle !== undefined && precision !== "exact" && integersObstacle(model) === undefined;
    this.#precision = obstacle === undefined ? precision : this.#sendsIntegers ? "int8" : "fp32";
    if (obstacle !== undefined && !this.#sendsIntegers) {
      warn?.(
        `--precision ${precision}: computing in fp32, since the fused kernels cannot run this network: ${obstacle}`,
      );
    }
  }

  /** The network's. */
  get config(): SegmentationModel["config"] {
    return this.#model.config;
  }

  /** What is really computed in. */
  get precision(): ComputePrecision {
    return this.#precision;
  }

  /**
   * Scores of a batch; the network must be in evaluation mode.
   *
   * @param input - frames `[T, N, C, H, W]`, or images `[N, C, H, W]`; the first of each size compiles the network (not in `fp32`)
   */
  forward(input: Tensor): NetworkScores {
    const model = this.#model;
    if (this.#sendsIntegers) {
      this.#integers ??= fuseIntegers(model);
      return this.#integers.forward(input);
    }
    const result =
      this.#precision === "fp32" || !(model instanceof SnnModel)
        ? infer(model, timedInput(model, input))
        : this.#fusedFor(model, input, this.#precision).forward(input);
    this.#spikes.add(result.activity, input.shape.at(-4) ?? 1);
    return result;
  }

  /**
   * Runs timesteps `[T', N, C, H, W]` of a spiking network from `state` on.
   *
   * @param input - frames of one size
   * @param state - written; frames of one size belong to one state
   * @returns the scores of all timesteps that `state` has seen
   */
  advance(input: Tensor, state: SpikingState): Tensor {
    const model = this.#model as SnnModel;
    // Integer kernels keep no membranes.
    if (this.#precision === "fp32" || this.#sendsIntegers) {
      this.#spikes.add(model.advance(input, state), input.shape[1] ?? 1);
      return model.readOut(state, [input.shape[3] ?? 0, input.shape[4] ?? 0]);
    }
    const fused = this.#fusedFor(model, input, this.#precision);
    this.#spikes.add(fused.advance(input, state), input.shape[1] ?? 1);
    return fused.readOut(state);
  }

  /** The kernels that were chosen, and how often the layers fired in all that was run; none where all was in fp32. */
  explain(): ExplainedLayer[] {
    const [fused] = this.#fused.values();
    return fused === undefined ? [] : explainedLayers(fused, this.#spikes.perTimestep());
  }

  /** Spiking layers of which no neuron fired in all that was run. */
  silentLayers(): string[] {
    return this.#spikes.silentLayers();
  }

  #fusedFor(model: SnnModel, { shape }: Tensor, precision: FusedPrecision): FusedSnn {
    const [height = 0, width = 0] = shape.slice(-2);
    const key = `${height}x${width}`;
    let fused = this.#fused.get(key);
    if (fused === undefined) {
      fused = fuseSnn(model, { height, width, precision });
      this.#fused.set(key, fused);
    }
    return fused;
  }

  /** Frees the compiled networks. */
  [Symbol.dispose](): void {
    for (const fused of this.#fused.values()) fused.dispose();
    this.#fused.clear();
    this.#integers?.dispose();
    this.#integers = undefined;
  }
}
