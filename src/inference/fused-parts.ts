/** What a network consists of once it is compiled for the fused kernels. */
import type { Tensor } from "../engine/index.js";
import type { NetworkPlan, PlannedStage, ReadOut, SnnConfig } from "../models/index.js";

/** The neurons of one layer with what its currents pass through. */
export interface FusedNeurons {
  readonly name: string;
  readonly channels: number;
  /** Height and width of the neurons' map. */
  readonly size: readonly [number, number];
  /** `[C]` */
  readonly threshold: Tensor;
  /** `[T, C]`, or `[1, C]` where it is the same at every step; absent without batch norm. */
  readonly scale?: Tensor;
  /** `[T, C]`, or `[1, C]` where it is the same at every step; absent where it is 0. */
  readonly shift?: Tensor;
}

export type FusedLayer =
  | {
      readonly kind: "first";
      /** `[O, C, K, K]`, for real-valued input. */
      readonly weight: Tensor;
      readonly padding: number;
      /** For small integers. */
      readonly conv: Tensor;
      readonly neurons: FusedNeurons;
    }
  | { readonly kind: "hidden"; readonly conv: Tensor; readonly neurons: FusedNeurons }
  | {
      readonly kind: "skip";
      readonly name: string;
      readonly channels: number;
      /** Absent where only the sum over time is needed. */
      readonly conv: Tensor | undefined;
      readonly bias: Tensor;
    };

/** A stage of the decoder that fires. */
export interface FusedStage extends PlannedStage {
  readonly weight: Tensor;
  readonly neurons: FusedNeurons;
}

/** All parts of a compiled network. */
export interface FusedParts {
  readonly config: SnnConfig;
  readonly size: readonly [number, number];
  readonly plan: NetworkPlan;
  readonly layers: readonly FusedLayer[];
  /** The decoder's stages that fire. */
  readonly stages: readonly FusedStage[];
  readonly readOut: ReadOut;
  /** All that is to be freed with the network: every tensor above is its own. */
  readonly owned: readonly Disposable[];
}
