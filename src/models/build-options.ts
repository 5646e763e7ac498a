/** What the builder of a network is told beside its config. */
import type { Precision } from "../nn/index.js";
import { derive } from "../random/index.js";

/** How a network is built, beside its config. */
export interface ModelOptions {
  /** Seed of the initial weights, an integer from 0 to 2⁵³ − 1. */
  readonly seed: number;
  /** Where its tensors are: `cpu`, `cuda`, `cuda:1` … */
  readonly device: string;
  /** How training computes the gradients of hidden convolutions. */
  readonly precision: Precision;
}

/** What the parts of a network are told; without a seed their weights are 0. */
export type BuildOptions = Omit<ModelOptions, "seed"> & { readonly seed: number | undefined };

/** A layer's own seed: adding a layer does not change the others' weights. */
export function layerSeed({ seed }: BuildOptions, layer: string): number | undefined {
  return seed === undefined ? undefined : derive(seed, "init", layer);
}
