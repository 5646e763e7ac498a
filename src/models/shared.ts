/** What building either kind of network needs. */
import { Conv2d, type Precision } from "../nn/index.js";
import { derive } from "../random/index.js";
import type { PlannedLayer } from "./layer-plan.js";
import type { ModelConfig } from "./model-config.js";

export interface ModelOptions {
  /** Seed of the initial weights. */
  readonly seed: number;
  /** `cpu`, `cuda`, `cuda:1` … */
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

/** Height and width of `[..., H, W]`. */
export function sizeOf(x: { readonly shape: readonly number[] }): [number, number] {
  const [height = 0, width = 0] = x.shape.slice(-2);
  return [height, width];
}

/** The convolutions of a network, each with its own seed. */
export function convolutions(config: ModelConfig, options: BuildOptions) {
  const { init, convBias = false, numClasses: outputs } = config;
  const { device, precision } = options;
  return {
    /** A hidden layer's. */
    hidden: ({ name, inputs, outputs, kernelSize, dilation }: Extract<PlannedLayer, { kind: "conv" }>) => {
      const seed = layerSeed(options, name);
      const shape = { inputs, outputs, kernelSize, dilation };
      return new Conv2d({ ...shape, bias: convBias, init, seed, device, precision });
    },
    /** A 1x1 convolution to class scores; always in float32, as it is cheap. */
    scores: (name: string, inputs: number, { bias }: { readonly bias: boolean }) => {
      const seed = layerSeed(options, name);
      return new Conv2d({ inputs, outputs, kernelSize: 1, bias, init, seed, device, precision: "fp32" });
    },
  };
}
