/** What a network consists of once it is compiled for small integers. Integers are uint8 `[N, H, W, C]`, currents float32 `[N, C, H, W]`. */
import type { ConvOptions, Tensor } from "../engine/index.js";
import type { Resizing } from "../models/index.js";
import type { IntegerNeurons, IntegerWeights } from "./integer-ops.js";

/** A convolution on integers, and what its sums pass through. */
export interface IntegerLayer {
  readonly weights: IntegerWeights;
  readonly stride: number;
  readonly dilation: number;
  /** `[O]`, in thresholds where neurons follow. */
  readonly scale: Tensor;
  readonly shift: Tensor;
}

/** One step of the walk from the image to the scores. */
export type IntegerStep =
  | {
      /** Convolution of the image in float32, batch norm folded; to currents. */
      readonly kind: "image";
      readonly weight: Tensor;
      readonly options: Required<ConvOptions>;
    }
  /** Integers to integers, which neurons of so many levels fire; or sums of 3x3 windows. */
  | { readonly kind: "integers"; readonly layer: IntegerLayer; readonly levels: number }
  /** Integers to currents. */
  | { readonly kind: "currents"; readonly layer: IntegerLayer }
  /** Currents to integers. */
  | { readonly kind: "fire"; readonly neurons: IntegerNeurons }
  | { readonly kind: "keep"; readonly label: string }
  /** Integers, those that were kept behind. */
  | { readonly kind: "concat"; readonly label: string }
  /** Currents, resized to those that were kept and added to them. */
  | { readonly kind: "add"; readonly label: string }
  /** Currents at the size of what was kept, which are integers or currents. */
  | { readonly kind: "resize"; readonly label: string; readonly like: "integers" | "currents" };

/** All parts of a compiled network. */
export interface IntegerParts extends Resizing {
  readonly steps: readonly IntegerStep[];
  /** The 1x1 output, integers to scores. */
  readonly output: IntegerLayer;
}
