/** Small networks of every kind that leaves for other programs. */

import { channelScales } from "../src/datasets/index.js";
import { add, mul, noGrad, rand, scope } from "../src/engine/index.js";
import type { ExportedMeta } from "../src/export/index.js";
import {
  architectureName,
  type ModelSettings,
  type NamedArchitecture,
  type SegmentationModel,
} from "../src/models/index.js";

const sizes = { inputChannels: 3, numClasses: 4 } as const;
const conv = (channels: number, dilation = 1) => ({ kind: "conv", channels, dilation }) as const;
/** Few layers, so that a spike at its threshold that falls on the other side changes little. */
const arch: NamedArchitecture = {
  ...{ name: "shallow", decoder: "output", classifier: [conv(32, 3)] },
  features: [conv(16), { kind: "pool", stride: 2 }, conv(16), { kind: "pool", stride: 1 }],
};
const skip = { kind: "skip" } as const;
const halve = { kind: "pool", stride: 2 } as const;
const fcn: NamedArchitecture = {
  ...{ name: "small-fcn", decoder: "skips" },
  features: [conv(16), skip, halve, conv(16), skip, halve, conv(16), skip, halve],
  classifier: [conv(32), skip],
};
export const exportedSnn = { kind: "snn", arch, timesteps: 3, threshold: 0.5, ...sizes } as const;
const integers = { ...exportedSnn, timesteps: 1, neuron: "integer", levels: 4, norm: "affine" } as const;
/** By what is special about them. */
export const exportedNetworks: Readonly<Record<string, ModelSettings>> = {
  "batch norm through time": exportedSnn,
  "hard reset": { ...exportedSnn, reset: "hard", leak: 0.5 },
  "no batch norm, biases": { ...exportedSnn, batchNorm: false, convBias: true, threshold: 0.2 },
  "a norm that timesteps share": { ...exportedSnn, norm: "tdbn" },
  "a factor per timestep": { ...exportedSnn, norm: "tebn" },
  "learnt leaks": { ...exportedSnn, neuron: "plif", leak: 0.7 },
  "two thresholds": { ...exportedSnn, imbalance: 2, batchNorm: false, threshold: 0.2 },
  "steps after the input": { ...exportedSnn, fullPropagation: true, threshold: 0.5 },
  "charged membranes": { ...exportedSnn, initialMembrane: 0.5 },
  "a threshold per channel": { ...exportedSnn, thresholdShapes: { "features.1": [16] } },
  "a threshold per neuron": { ...exportedSnn, thresholdShapes: { "features.1": [16, 6, 8] } },
  "skips that fire": { ...exportedSnn, arch: fcn },
  "skips that integrate": { ...exportedSnn, arch: fcn, integratingDecoder: true },
  integers,
  "integers that weigh 1": { ...integers, neuron: "i-lif", timesteps: 2 },
  "integers of a share": { ...integers, neuron: "ni-lif", arch: "unet" },
  "depthwise blocks": { ...integers, arch: "dwnet" },
  "ReLUs before they spike": { ...integers, spiking: false },
  "an ANN": { kind: "ann", arch: "dl-vgg9", ...sizes },
  "an FCN": { kind: "ann", arch: fcn, leakySlope: 0.1, ...sizes },
  "quantised ReLUs": { kind: "ann", arch: "unet", activationLevels: 4, norm: "affine", ...sizes },
};

/** Statistics as after some training: running means and variances that differ by channel and timestep. */
export function settle(model: SegmentationModel): void {
  noGrad(() => {
    model.setTraining(true);
    for (let n = 0; n < 3; n++)
      scope("batch", () => void model.forward(add(mul(rand([2, 3, 12, 16], n), 2), -0.5)));
    model.setTraining(false);
  });
}

/** What such a network's file says about it. */
export function exampleMeta({ config }: SegmentationModel): ExportedMeta {
  const { numClasses, inputChannels: channels, arch } = config;
  return {
    name: "example",
    classes: Array.from({ length: numClasses }, (_, k) => `class ${k}`),
    colors: Array.from({ length: numClasses }, (_, k) => [k, 2 * k, 3 * k] as const),
    input: {
      kind: "picture",
      size: [11, 15],
      channels,
      preprocessing: "imagenet",
      scale: channelScales("imagenet"),
      fit: "letterbox",
    },
    encoding: "direct",
    timesteps: config.kind === "snn" ? config.timesteps : 1,
    architecture: architectureName(arch),
    snnseg: "0.0.0",
  };
}
