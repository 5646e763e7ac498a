/** A network as a page's file holds it: steps from map to map, in order, and their arrays. */
import type { NamedArrays } from "../arrays/index.js";
import type { ModelDescription } from "./network.js";

/** What lies between two steps: small integers, or real values. Map 0 is the input. */
export interface WebMap {
  readonly kind: "integers" | "values";
  readonly channels: number;
}

/** Σ of weights and what they read, without what follows; weights are `NAME.weight`. */
export interface ConvStep {
  readonly kind: "conv";
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly kernelSize: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: number;
  readonly depthwise: boolean;
  /** No integer that it reads is higher; of values 0. */
  readonly most: number;
}

/** One timestep of neurons, whose thresholds are `NAME.threshold`. */
export interface FireStep {
  readonly kind: "fire";
  readonly name: string;
  /** The convolution whose factor and offset come first, `CONV.scale` and `CONV.shift` (`[T', O]`, absent where 1 and 0). */
  readonly affine?: string | undefined;
  readonly from: number;
  readonly to: number;
  readonly leak: number;
  /** D of integer neurons; 0 of those that spike or not. */
  readonly levels: number;
  readonly reset: "soft" | "hard";
  /** v before the first timestep as a share of ϑ. */
  readonly initialMembrane: number;
}

/** What a network does in a timestep, one after the other. */
export type WebStep =
  | ConvStep
  | FireStep
  /** ReLU, with a slope below 0; `affine` as of neurons. */
  | {
      readonly kind: "relu";
      readonly name: string;
      readonly affine?: string | undefined;
      readonly from: number;
      readonly to: number;
      readonly slope: number;
    }
  /** Factor and offset alone. */
  | { readonly kind: "affine"; readonly affine: string; readonly from: number; readonly to: number }
  /** 3x3: sums of integers, means of values. */
  | { readonly kind: "pool"; readonly from: number; readonly to: number; readonly stride: number }
  /** Integers times what one of each channel stands for, `WORTH`, float32 `[C]`. */
  | { readonly kind: "values"; readonly worth: string; readonly from: number; readonly to: number }
  /** Channels of `other` behind. */
  | { readonly kind: "concat"; readonly from: number; readonly other: number; readonly to: number }
  | { readonly kind: "add"; readonly from: number; readonly other: number; readonly to: number }
  /** Bilinear, to the size of `like`. */
  | {
      readonly kind: "resize";
      readonly from: number;
      readonly to: number;
      readonly like: number;
      readonly alignCorners: boolean;
    }
  /** Zeros between pixels: 2h−1 by 2w−1, for a transposed convolution. */
  | { readonly kind: "spread"; readonly from: number; readonly to: number };

/** What is made of the scores of the timesteps. */
export interface WebScores {
  readonly map: number;
  /** Their mean, or their sum. */
  readonly over: "mean" | "sum";
  /** How they are resized to the input. */
  readonly alignCorners: boolean;
}

/** Whole numbers that stand for the input: `x ≈ step·k` with `|k| ≤ most`; map 0 holds k. */
export interface WebGrid {
  /** A power of 2. */
  readonly step: number;
  readonly most: number;
}

/** All of a network. */
export interface WebModel {
  readonly description: ModelDescription;
  readonly maps: readonly WebMap[];
  readonly steps: readonly WebStep[];
  readonly scores: WebScores;
  /** Absent where map 0 holds the input itself. */
  readonly grid?: WebGrid | undefined;
  readonly arrays: NamedArrays;
}

/** Key of the file's metadata under which the rest stands as JSON. */
export const metadataKey = "snnseg-web";

/** Of the layout of that JSON. */
export const modelVersion = 1;
