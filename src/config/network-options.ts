/** Options of the network and, for spiking ones, of its neurons (REFERENCE defaults: T = 20, θ = 1, λ = 0.99). */
import { architectureNames } from "../models/index.js";
import {
  integerNeurons,
  isIntegerNeuron,
  MOST_LEVELS,
  neuronNames,
  resets,
  sharedNorms,
  surrogates,
} from "../neurons/index.js";
import { inits } from "../nn/index.js";
import {
  choice,
  integer,
  numberAbove,
  option,
  optional,
  path,
  shareAboveZero,
  shareBelowOne,
  toggle,
} from "../options/index.js";

const group = "Network";
const spiking = { group: "Spiking", only: { model: ["snn"] } } as const;
const binary = {
  group: "Spiking",
  only: {
    ...spiking.only,
    neuron: neuronNames.filter((name) => !isIntegerNeuron(name)),
  },
} as const;

export const networkOptions = {
  model: option(choice(["snn", "ann"]), { group, default: "snn", help: "spiking network or its ANN twin" }),
  arch: option(choice(architectureNames), {
    group,
    default: "dl-vgg9",
    help: "architecture: DeepLab (dl-) or FCN decoder on a VGG backbone, a U-Net, or a small network of depthwise convolutions",
  }),
  batchNorm: option(toggle, { group, default: true, help: "batch norm" }),
  norm: option(optional(choice(["bntt", ...sharedNorms])), {
    group,
    only: { batchNorm: ["true"] },
    default: null,
    help:
      "which batch norm: bntt, one per timestep (usual with LIF), or one that timesteps share: plain without learnt numbers " +
      "(usual in ANNs and with integers), affine, tdbn, tebn",
  }),
  kernelSize: option(integer(1, 15), { group, default: 3, help: "side of the convolution kernels, odd" }),
  init: option(choice(inits), {
    group,
    only: { initFrom: ["null"] },
    default: "xavier",
    help: "initial weights",
  }),
  leakySlope: option(shareBelowOne, {
    group,
    only: { model: ["ann"] },
    default: 0,
    help: "slope of leaky ReLU below zero; 0 is plain ReLU",
  }),
  activationLevels: option(integer(0, 1024), {
    group,
    only: { model: ["ann"] },
    default: 0,
    help: "levels of a quantised ReLU with learnt bound, to convert with --method qcfs; 0 is plain ReLU",
  }),
  pretrained: option(optional(path("FILE")), {
    group,
    only: { arch: ["dl-vgg11", "dl-vgg16"], initFrom: ["null"] },
    default: null,
    help: "ImageNet VGG11 or VGG16 weights (.pth or .safetensors) for the layers that they fit",
  }),
  initFrom: option(optional(path("DIR")), {
    group,
    default: null,
    help: "start from the network, weights and options of this run, such as a converted one",
  }),
  neuron: option(choice(neuronNames), {
    ...spiking,
    default: "lif",
    help: "neuron: LIF, LIF that learns its leak (plif), or one that sends integers: times ϑ (integer), i-lif, ni-lif",
  }),
  levels: option(integer(1, MOST_LEVELS), {
    group: spiking.group,
    only: { ...spiking.only, neuron: integerNeurons },
    default: 4,
    help: "D: the most spikes of such a neuron in a timestep",
  }),
  learnThreshold: option(toggle, { ...spiking, default: false, help: "train every layer's threshold" }),
  timesteps: option(integer(1, 4096), { ...spiking, default: 20, help: "timesteps T per example" }),
  leak: option(shareAboveZero, {
    ...spiking,
    default: 0.99,
    help: "leak λ: share of the membrane potential kept per timestep",
  }),
  threshold: option(numberAbove(0), {
    ...spiking,
    default: 1,
    help: "membrane potential ϑ at which a neuron fires",
  }),
  surrogate: option(choice(surrogates), {
    ...binary,
    default: "linear",
    help: "surrogate of the spike's derivative",
  }),
  reset: option(choice(resets), {
    ...binary,
    default: "soft",
    help: "reset after a spike: subtract ϑ, or set to 0",
  }),
  encoding: option(choice(["poisson", "direct", "sequence"]), {
    ...spiking,
    default: "poisson",
    help: "input per timestep: random spikes, the image itself, or the frames of an event sequence",
  }),
  rateTarget: option(optional(shareAboveZero), {
    ...spiking,
    default: null,
    help: "spikes per neuron and timestep above which a layer is penalised",
  }),
  rateWeight: option(numberAbove(0), {
    group: spiking.group,
    only: { ...spiking.only, rateTarget: ["any"] },
    default: 0.1,
    help: "weight of the penalty on layers above --rate-target",
  }),
  fullPropagation: option(toggle, {
    ...spiking,
    default: false,
    help: "run further timesteps without input so that late spikes arrive",
  }),
  imbalance: option(optional(numberAbove(0)), {
    ...binary,
    default: null,
    help: "α of a second, negative threshold −ϑ/α",
  }),
};
