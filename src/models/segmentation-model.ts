/** What training, evaluation and everything above see of a network. */
import type { Tensor } from "../engine/index.js";
import type { Module } from "../nn/index.js";
import type { ModelConfig } from "./model-config.js";

/** How much one spiking layer fired during a forward pass. */
export interface LayerActivity {
  /** Key of the layer's convolution, such as `features.0`. */
  readonly name: string;
  /** Neurons per example. */
  readonly neurons: number;
  /** Spikes per timestep, summed over the batch. */
  readonly spikes: readonly number[];
  /** Mean of u/ϑ − 1 before the reset, per timestep. */
  readonly meanExcess: readonly number[];
}

export interface ForwardResult {
  /** Class scores `[N, K, H, W]`. */
  readonly logits: Tensor;
  /** Spiking layers from input to output; empty for an ANN. */
  readonly activity: readonly LayerActivity[];
}

export interface ForwardOptions {
  /** SNN: compute the neurons with the plain twin instead of the fused operator (default false). */
  readonly plain?: boolean;
}

/** A network that gives every pixel class scores. */
export interface SegmentationModel extends Module {
  readonly config: ModelConfig;
  /**
   * Scores of a batch.
   *
   * @param input - ANN: `[N, C, H, W]`. SNN: frames `[T, N, C, H, W]` (encoded images or event frames), or
   *   `[N, C, H, W]`, which is fed unchanged at every timestep (direct coding)
   */
  forward(input: Tensor, options?: ForwardOptions): ForwardResult;
}
