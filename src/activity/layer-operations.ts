/** The operations of one layer. */
import type { InputSource, SynapticLayer } from "./synaptic-layers.js";

/** Operations of one layer, per example. */
export interface LayerOperations {
  /** Key of the layer's weights without `.weight`, such as `features.0`. */
  readonly name: string;
  /** A hidden convolution, the output, or a part of FCN's decoder: a skip's 1x1 convolution or an upsampler. */
  readonly kind: SynapticLayer["kind"];
  /** Where its input comes from. */
  readonly source: InputSource;
  /** What arrives: spikes or encoded input (`events`), pooled spikes, or real values. */
  readonly input: "events" | "pooled" | "real";
  /** Input elements of one pass. */
  readonly inputs: number;
  /** Outputs of one pass. */
  readonly outputs: number;
  /** Neurons on the outputs, or on sums that they are the last to enter: see {@link SynapticLayer.neurons}. */
  readonly neurons: number;
  /** Whether it is a convolution with neurons right on its outputs. */
  readonly fires: boolean;
  /** Number of weights, without biases. */
  readonly weights: number;
  /** How often the layer is computed for one example: timesteps, or 1 where its input never changes. */
  readonly passes: number;
  /** Multiply-accumulates of one dense pass. */
  readonly denseMacs: number;
  /** Input elements other than 0, over all passes. */
  readonly events: number;
  /** Outputs that these elements reach: Σ over elements of their fan-out. */
  readonly synapticOperations: number;
  /** Charged as accumulates. */
  readonly accumulates: number;
  /** Charged as multiply-accumulates. */
  readonly multiplyAccumulates: number;
  /** The field's shortcut: rate of the feeding layer x timesteps x dense operations. */
  readonly shortcut: number;
}
