/** What building either kind of network needs. */
import type { Tensor } from "../engine/index.js";
import { derive } from "../random/index.js";

export interface ModelOptions {
  /** Seed of the initial weights. */
  readonly seed: number;
  /** `cpu`, `cuda`, `cuda:1` … */
  readonly device: string;
}

/** A layer's own seed: adding a layer does not change the others' weights. */
export function layerSeed(options: ModelOptions, layer: string): number {
  return derive(options.seed, "init", layer);
}

/** Height and width of `[..., H, W]`. */
export function sizeOf(x: Tensor): [number, number] {
  const [height = 0, width = 0] = x.shape.slice(-2);
  return [height, width];
}
