/** The layers with weights that ANN and SNN have alike, each with its own seed. */
import { Conv2d, Upsampler } from "../nn/index.js";
import { type BuildOptions, layerSeed } from "./build-options.js";
import type { ModelConfig, PlannedLayer } from "./plan/index.js";

/** The convolutions of a network. */
export function convolutions(config: ModelConfig, options: BuildOptions) {
  const { init, convBias = false, numClasses: outputs } = config;
  const { device, precision } = options;
  return {
    /** A hidden layer's. */
    hidden: (layer: Extract<PlannedLayer, { kind: "conv" }>) => {
      const { name, inputs, outputs, kernelSize, dilation, stride, depthwise } = layer;
      const seed = layerSeed(options, name);
      const shape = { inputs, outputs, kernelSize, dilation, stride, groups: depthwise ? inputs : 1 };
      return new Conv2d({ ...shape, bias: convBias, init, seed, device, precision });
    },
    /** A 1x1 convolution to class scores; always in float32, as it is cheap. */
    scores: (name: string, inputs: number, { bias }: { readonly bias: boolean }) => {
      const seed = layerSeed(options, name);
      return new Conv2d({ inputs, outputs, kernelSize: 1, bias, init, seed, device, precision: "fp32" });
    },
    /** A decoder stage's transposed convolution of class scores. */
    upsampler: (name: string) =>
      new Upsampler({ channels: outputs, init, device, seed: layerSeed(options, name) }),
  };
}
