/** How a command computes a network: by its own forward, or on fused kernels. */
import { Option } from "commander";
import type { Tensor } from "../engine/index.js";
import { type FusedSnn, fuseSnn, fusionObstacle, type SpikeActivity } from "../inference/index.js";
import { type SegmentationModel, SnnModel } from "../models/index.js";
import type { Terminal } from "./terminal.js";

/** `fp32` is the network's own forward; the others are those of the fused kernels. */
export type ComputePrecision = "fp32" | "fast" | "int8";

export function precisionOption(): Option {
  return new Option(
    "--precision <NAME>",
    "fp32, or of spiking networks on a CPU fused kernels: fast (weights of 10 to 16 bits) or int8",
  ).choices(["fp32", "fast", "int8"]);
}

/** Runs a network on inputs of any size, compiling it once a size. */
export class Forward implements Disposable {
  readonly #model: SegmentationModel;
  readonly #precision: ComputePrecision;
  readonly #fused = new Map<string, FusedSnn>();

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
    if (this.#precision === "fp32" || !(this.#model instanceof SnnModel)) return this.#model.forward(input);
    const [height = 0, width = 0] = input.shape.slice(-2);
    const key = `${height}x${width}`;
    let fused = this.#fused.get(key);
    if (fused === undefined) {
      fused = fuseSnn(this.#model, { height, width, precision: this.#precision });
      this.#fused.set(key, fused);
    }
    return fused.forward(input);
  }

  [Symbol.dispose](): void {
    for (const fused of this.#fused.values()) fused.dispose();
  }
}
