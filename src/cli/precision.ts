/** How a command computes a network: by its own forward, or on fused kernels. */
import { Option } from "commander";
import type { Tensor } from "../engine/index.js";
import { OptionError } from "../errors.js";
import {
  type FusedPrecision,
  type FusedSnn,
  fuseSnn,
  fusionObstacle,
  type SpikeActivity,
} from "../inference/index.js";
import { infer, type SegmentationModel, SnnModel, type SpikingState, timedInput } from "../models/index.js";
import { type ExplainedLayer, explainedLayers, SpikeShares } from "./explain.js";
import type { Terminal } from "./terminal.js";

/** `fp32` is the network's own forward; the others are those of the fused kernels. */
export type ComputePrecision = "fp32" | "fast" | "int8";

export function precisionOption(): Option {
  return new Option(
    "--precision <NAME>",
    "fp32, or of spiking networks on a CPU fused kernels: fast (weights of 12 to 16 bits) or int8",
  ).choices(["fp32", "fast", "int8"]);
}

/** @throws OptionError where there is nothing to explain */
export function checkExplain(precision: ComputePrecision | undefined): void {
  if (precision !== undefined && precision !== "fp32") return;
  throw new OptionError(
    "--explain: expected fused kernels, received --precision fp32; write --precision fast or int8",
  );
}

export function explainOption(): Option {
  return new Option("--explain", "say which kernel computes each layer, why, and how often the layer fires");
}

/** Runs a network on inputs of any size, compiling it once a size. */
export class Forward implements Disposable {
  readonly #model: SegmentationModel;
  readonly #precision: ComputePrecision;
  readonly #fused = new Map<string, FusedSnn>();
  readonly #spikes = new SpikeShares();

  /** Warns where the network cannot be fused and its own forward runs instead. */
  constructor(model: SegmentationModel, precision: ComputePrecision, terminal: Terminal) {
    this.#model = model;
    const obstacle = precision === "fp32" ? undefined : fusionObstacle(model);
    this.#precision = obstacle === undefined ? precision : "fp32";
    if (obstacle !== undefined) {
      terminal.warn(
        `--precision ${precision}: computing in fp32, since the fused kernels cannot run this network: ${obstacle}`,
      );
    }
  }

  /** What is really computed in. */
  get precision(): ComputePrecision {
    return this.#precision;
  }

  /** Scores of a batch; the network must be in evaluation mode. */
  run(input: Tensor): { readonly logits: Tensor; readonly activity: readonly SpikeActivity[] } {
    const model = this.#model;
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
   * @returns the scores of all timesteps that `state` has seen
   */
  advance(input: Tensor, state: SpikingState): Tensor {
    const model = this.#model as SnnModel;
    if (this.#precision === "fp32") {
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
    return fused === undefined ? [] : explainedLayers(fused, this.#spikes.shares());
  }

  /** Spiking layers of which no neuron fired in all that was run. */
  silentLayers(): string[] {
    return Object.entries(this.#spikes.shares()).flatMap(([name, share]) => (share === 0 ? [name] : []));
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

  [Symbol.dispose](): void {
    for (const fused of this.#fused.values()) fused.dispose();
  }
}
