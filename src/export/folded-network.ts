/** A network in evaluation as plain data, without libtorch: what exporters write and other engines compute. */
import type { NetworkPlan } from "../models/index.js";

/** A convolution, and the batch norm and bias behind it as a factor and an offset: `y = scale[t]·(W * x) + shift[t]`. */
export interface FoldedConv {
  /** W: `[O, I, k, k]`, `[C, 1, k, k]` where each channel reads only its own; of an upsampler `[I, O, 3, 3]`. */
  readonly weight: Float32Array;
  /** Of the weight. */
  readonly shape: readonly number[];
  /** `[T', O]` with T' = 1 where it is the same at every timestep; absent where it is 1. */
  readonly scale?: Float32Array;
  /** `[T', O]`, likewise; absent where it is 0. */
  readonly shift?: Float32Array;
  /** What batch norm knows of W * x; absent without batch norm. */
  readonly statistics?: ConvStatistics;
}

/** Running statistics of a convolution's results, `[T', O]` each, with a T' of their own. */
export interface ConvStatistics {
  /** Without the bias. */
  readonly mean: Float32Array;
  /** Square root of the variance. */
  readonly deviation: Float32Array;
}

/** Neurons of a layer, as `Neuron` describes them; from v = initial·ϑ on. */
export interface SpikingActivation {
  /** Tells it from a ReLU. */
  readonly kind: "spiking";
  /** D of neurons that send integers, k = ⌊clip(u/ϑ, 0, D) + ½⌋; absent where k = [u > ϑ]. */
  readonly levels?: number;
  /** λ of u = λ·v + i. */
  readonly leak: number;
  /** ϑ by its shape: of `[1]`, `[C]` or `[C, H, W]`. */
  readonly threshold: Float32Array;
  /** Of the threshold. */
  readonly thresholdShape: readonly number[];
  /** a of s = a·k: a number, or `"threshold"`. */
  readonly amplitude: number | "threshold";
  /** v = u − ϑ·k, or u·(1 − k). */
  readonly reset: "soft" | "hard";
  /** α of a second threshold −ϑ/α below which ϑ/α is added; 0 is none. */
  readonly imbalance: number;
  /** v before the first timestep as a share of ϑ. */
  readonly initialMembrane: number;
}

/** ReLU, with a slope below 0. */
export interface ReluActivation {
  /** Tells it from neurons. */
  readonly kind: "relu";
  /** 0 of a plain ReLU. */
  readonly slope: number;
}

/** What a layer passes its currents through. */
export type FoldedActivation = SpikingActivation | ReluActivation;

/** A network's layers with their numbers. */
export interface FoldedNetwork {
  /** Layers by name. */
  readonly plan: NetworkPlan;
  /** `snn` where it runs timestep by timestep. */
  readonly kind: "ann" | "snn";
  /** T; 1 of an ANN. */
  readonly timesteps: number;
  /** Steps without input that follow, each without batch norm, as in full propagation. */
  readonly extraSteps: number;
  /** By name: of layers, skips, upsamplers and the output. */
  readonly convolutions: ReadonlyMap<string, FoldedConv>;
  /** By name: of layers and stages of the decoder that fire. */
  readonly activations: ReadonlyMap<string, FoldedActivation>;
}
