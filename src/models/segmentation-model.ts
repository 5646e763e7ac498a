/** What training, evaluation and everything above see of a network. */
import type { Tensor } from "../engine/index.js";
import type { LifResult } from "../neurons/index.js";
import type { Module } from "../nn/index.js";
import type { ModelConfig } from "./plan/index.js";

/** What one spiking layer fired. */
export interface LayerSpikes {
  /** Key of the layer's convolution, such as `features.0`. */
  readonly name: string;
  /** Neurons per example. */
  readonly neurons: number;
  /** Spikes of all neurons of all examples, by timestep. */
  readonly spikes: readonly number[];
}

/** What one spiking layer did during a forward pass. */
export interface LayerActivity extends LayerSpikes {
  /** Mean of u/ϑ − 1 before the reset, by timestep. */
  readonly meanExcess: readonly number[];
}

/** How a network is fed: images once, or frames over time. */
export type FeedingConfig =
  | {
      /** Fed with images. */
      readonly kind: "ann";
    }
  | {
      /** Fed with frames over time. */
      readonly kind: "snn";
      /** T: how many of them. */
      readonly timesteps: number;
    };

/**
 * Anything that gives every pixel class scores: what training and evaluation need of a network. Networks of this library
 * are, fused ones are, and so is a `forward` of your own.
 */
export interface ForwardNetwork {
  /**
   * Scores of a batch.
   *
   * @param input - `[N, C, H, W]`, or frames `[T, N, C, H, W]`
   * @param options - what a network of your own may ignore
   */
  forward(
    input: Tensor,
    options?: ForwardOptions,
  ): {
    /** Class scores `[N, K, H, W]`. */
    readonly logits: Tensor;
    /** Scores of each timestep by itself, `[T, N, K, H, W]`, where they were asked for and there are any. */
    readonly stepLogits?: Tensor;
    /** What spiking layers fired, where there are any. */
    readonly activity?: readonly LayerSpikes[];
  };
  /** Networks that work otherwise in training than in evaluation say and switch how. */
  readonly training?: boolean;
  /** Switches between the two. @param training - false for evaluation */
  setTraining?(training: boolean): void;
  /** How the network is fed unless its caller says; one without is fed as an ANN. */
  readonly config?: FeedingConfig;
}

/** What a network of this library gives. */
export interface ForwardResult {
  /** Class scores `[N, K, H, W]`. */
  readonly logits: Tensor;
  /** Scores of each timestep by itself, `[T, N, K, H, W]`, where they were asked for; not of an ANN. */
  readonly stepLogits?: Tensor;
  /** Spiking layers from input to output; empty for an ANN. */
  readonly activity: readonly LayerActivity[];
}

/**
 * Looks at what flows through a network while it runs, so that nothing has to be kept. Tensors handed over live until
 * the call returns unless the observer keeps them, and must not be written.
 */
export interface ForwardObserver {
  /** SNN: a chunk of timesteps begins; with timestep 0 begins another batch. @param firstStep - of the chunk, from 0 */
  readonly started?: (firstStep: number) => void;
  /**
   * The input of a layer with weights (convolution, skip, upsampler, output).
   *
   * @param layer - key of the layer's weights without `.weight`
   * @param x - SNN: `[T', N, C, H, W]`; ANN, and the first layer where the same image is fed at every timestep:
   *   `[N, C, H, W]`, once for all timesteps
   */
  readonly input?: (layer: string, x: Tensor) => void;
  /**
   * What reaches the neurons of a layer. It may set the layer's thresholds: they hold from this very step on.
   *
   * @param layer - name of the spiking layer, such as `features.0` or `upsample.0`
   * @param current - SNN: i[t] before batch norm, `[T', N, C, H, W]`; ANN: what enters the activation, `[N, C, H, W]`
   */
  readonly current?: (layer: string, current: Tensor) => void;
  /**
   * ANN: what a hidden convolution passes on.
   *
   * @param layer - name of the convolution
   * @param x - behind the activation, `[N, C, H, W]`
   */
  readonly activated?: (layer: string, x: Tensor) => void;
  /**
   * SNN: how often a layer fires.
   *
   * @param layer - name of the spiking layer
   * @param rate - spikes per neuron and timestep, one number that carries the gradient
   */
  readonly rate?: (layer: string, rate: Tensor) => void;
  /**
   * SNN: what a layer's neurons did in the chunk.
   *
   * @param layer - name of the spiking layer
   * @param result - T' timesteps; `spikes` carries the gradient
   */
  readonly fired?: (layer: string, result: LifResult) => void;
}

/** How a forward pass runs. */
export interface ForwardOptions {
  /** SNN: compute the neurons with the plain twin instead of the fused operator (default false). */
  readonly plain?: boolean;
  /**
   * SNN: also give the scores of each timestep, what the output reads of its spikes alone (default false). Networks on
   * bits compute them step by step.
   */
  readonly eachStep?: boolean;
  /** Sees inputs and spikes of every layer on the way (default: nobody). */
  readonly observer?: ForwardObserver | undefined;
}

/** A network that gives every pixel class scores. */
export interface SegmentationModel extends Module {
  /** What the network is; complete. */
  readonly config: ModelConfig;
  /**
   * Scores of a batch.
   *
   * @param input - ANN: `[N, C, H, W]`. SNN: frames `[T, N, C, H, W]` (encoded images or event frames), or
   *   `[N, C, H, W]`, which is fed unchanged at every timestep (direct coding)
   * @param options - default: the fused operators, and no observer
   * @throws ShapeError if the input is none of the network
   */
  forward(input: Tensor, options?: ForwardOptions): ForwardResult;
}
