/** Named sets of options. What a preset leaves out keeps its default. */
import type { Config } from "./schema.js";

/** A named set of options and one sentence about it. */
export type Preset = { readonly about: string; readonly values: Partial<Config> };

/** Settings of Kim, Chough & Panda 2022; the rest of their settings are our defaults. */
const paper = { model: "snn", void: "background", labelPixel: "corner" } as const;
const paperVoc = { ...paper, dataset: "voc2012", preprocessing: "paper" } as const;
const paperDdd17 = { ...paper, dataset: "ddd17", scaling: "column" } as const;

/** The paper's kind of network at a small size. */
const quickPaper = {
  model: "snn",
  arch: "dl-vgg9",
  dataset: "folder",
  imgSize: [48, 64],
  precision: "auto",
  timesteps: 6,
  encoding: "direct",
  optimizer: "adam",
  lr: 1e-3,
  weightDecay: 0,
  batchSize: 8,
  epochs: 6,
  evalEvery: 2,
} as const;

/** Integers at T = 1, trained with ReLU first, as networks from scratch are trained today. */
const integers = {
  model: "snn",
  neuron: "integer",
  timesteps: 1,
  spikingFrom: 0.5,
  norm: "affine",
  encoding: "direct",
  precision: "auto",
  optimizer: "adamw",
  lr: 2e-3,
  weightDecay: 0.01,
  clipGradient: 1,
  schedule: "poly",
  scheduleBy: "step",
} as const;

/** All presets by name. */
export const presets: Readonly<Record<string, Preset>> = {
  "paper-voc2012-dl-vgg9": {
    about: "the paper's Spiking-DeepLab on VOC2012: T = 20, Poisson input, 60 epochs of SGD",
    values: { ...paperVoc, arch: "dl-vgg9" },
  },
  "paper-voc2012-fcn-vgg9": {
    about: "the paper's Spiking-FCN on VOC2012",
    values: { ...paperVoc, arch: "fcn-vgg9" },
  },
  "paper-ddd17-dl-vgg9": {
    about: "the paper's Spiking-DeepLab on DDD17 event frames",
    values: { ...paperDdd17, arch: "dl-vgg9" },
  },
  "paper-ddd17-fcn-vgg9": {
    about: "the paper's Spiking-FCN on DDD17 event frames",
    values: { ...paperDdd17, arch: "fcn-vgg9" },
  },
  quick: {
    about: "a U-Net of integers at T = 1 that learns something real on a CPU in minutes",
    values: {
      ...integers,
      arch: "unet",
      dataset: "folder",
      imgSize: [48, 64],
      batchSize: 8,
      epochs: 10,
      evalEvery: 2,
    },
  },
  camvid: {
    about: "the small network for CPUs on CamVid at 480x360, trained in less than an hour without a GPU",
    values: {
      ...integers,
      levels: 8,
      spikingFrom: 0.75,
      arch: "dwnet",
      init: "glorot",
      warmup: 1,
      classWeights: "log-1.1",
      dataset: "folder",
      imgSize: [360, 480],
      fit: "stretch",
      preprocessing: "imagenet",
      augment: "scale-crop",
      augmentCrop: [240, 320],
      cacheMb: 1024,
      batchSize: 8,
      evalBatchSize: 4,
      epochs: 100,
      evalEvery: 10,
    },
  },
  "quick-paper": {
    about: "the paper's kind of network in minutes: DL-VGG9, LIF over 6 timesteps, batch norm through time",
    values: quickPaper,
  },
  "quick-sparse": {
    about:
      "quick-paper with neurons that fire less than a third as often: higher thresholds and a limit on rates",
    values: { ...quickPaper, threshold: 2.5, rateTarget: 0.08, rateWeight: 0.01 },
  },
  demo: {
    about: "the demonstration: handwritten digits on textured backgrounds, nothing to download",
    values: {
      ...integers,
      arch: "unet",
      dataset: "digits",
      imgSize: [32, 32],
      batchSize: 16,
      epochs: 2,
      evalEvery: 1,
    },
  },
};
