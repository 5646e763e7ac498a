/** Options of the optimisation and of the run itself (REFERENCE defaults: SGD, 60 epochs, batches of 16). */
import { mostThreads } from "../checks/index.js";
import { lossNames } from "../nn/index.js";
import {
  choice,
  integer,
  list,
  numberAbove,
  numberFrom,
  numberWithin,
  option,
  optional,
  path,
  shareAboveZero,
  shareBelowOne,
  text,
  toggle,
} from "../options/index.js";

const group = "Training";

export const trainingOptions = {
  epochs: option(integer(1), { group, default: 60, help: "passes over the training split" }),
  batchSize: option(integer(1), { group, default: 16, help: "examples per training step" }),
  evalBatchSize: option(integer(1), { group, default: 32, help: "examples per evaluation step" }),
  optimizer: option(choice(["sgd", "adam", "adamw"]), {
    group,
    default: "sgd",
    help: "SGD, Adam with AMSGrad, or AdamW",
  }),
  lr: option(numberAbove(0), { group, default: 1e-3, help: "learning rate at the start" }),
  momentum: option(shareBelowOne, {
    group,
    only: { optimizer: ["sgd"] },
    default: 0.9,
    help: "momentum of SGD",
  }),
  weightDecay: option(numberFrom(0), {
    group,
    default: 5e-4,
    help: "weight decay: added to the gradient, or with adamw taken from the kernels of convolutions themselves",
  }),
  clipGradient: option(optional(numberAbove(0)), {
    group,
    default: null,
    help: "largest joint norm of all gradients; longer ones are scaled down",
  }),
  loss: option(choice(lossNames), {
    group,
    default: "cross-entropy",
    help: "training loss; those beside cross-entropy stress hard pixels (ohem, focal) or whole regions (dice, lovasz)",
  }),
  focalGamma: option(numberWithin(0, 10), {
    group,
    only: { loss: ["focal"] },
    default: 2,
    help: "γ of focal loss: the larger, the less those pixels count that are already right",
  }),
  ohemThreshold: option(shareAboveZero, {
    group,
    only: { loss: ["cross-entropy-ohem"] },
    default: 0.7,
    help: "probability of the true class below which a pixel is hard: those alone count",
  }),
  ohemShare: option(shareAboveZero, {
    group,
    only: { loss: ["cross-entropy-ohem"] },
    default: 0.0625,
    help: "share of a batch's pixels that counts at least: the hardest, where fewer are hard",
  }),
  lossPerStep: option(optional(shareBelowOne), {
    group,
    only: { model: ["snn"] },
    default: null,
    help: "ask every timestep to be right (TET), with this weight λ, such as 0.05, of the scores' distance from 1",
  }),
  auxiliaryWeight: option(optional(numberAbove(0)), {
    group,
    default: null,
    help: "weight of the loss of an auxiliary 1x1 head two thirds through the network, such as 0.4; it is there in training alone",
  }),
  classWeights: option(choice(["none", "median-frequency", "log", "log-1.1"]), {
    group,
    only: { loss: lossNames.filter((loss) => loss.startsWith("cross-entropy")) },
    default: "none",
    help: "class weights in cross-entropy: none, or larger for rare classes, as in Eigen & Fergus, ENet (1/log(1.02 + share)) or ERFNet (1.1)",
  }),
  schedule: option(choice(["step", "poly", "cosine", "constant"]), {
    group,
    default: "step",
    help: "learning rate over the epochs",
  }),
  milestones: option(list(numberWithin(0, 1), "0.5,0.8"), {
    group,
    only: { schedule: ["step"] },
    default: [0.5, 0.8],
    help: "shares of the epochs after which the learning rate falls to a tenth",
  }),
  scheduleBy: option(choice(["epoch", "step"]), {
    group,
    default: "epoch",
    help: "whether the learning rate changes from epoch to epoch or with every step",
  }),
  warmup: option(integer(0), {
    group,
    default: 0,
    help: "epochs at the start over which the learning rate rises",
  }),
  spikingFrom: option(optional(shareBelowOne), {
    group,
    only: { model: ["snn"], neuron: ["integer"] },
    default: null,
    help:
      "train with ReLU first, and from this share of the epochs on with spikes, whose thresholds the ReLUs' activations give; " +
      "0 with --init-from an ANN",
  }),
  average: option(optional(shareBelowOne), {
    group,
    default: null,
    help: "decay of a moving average of the weights, such as 0.999, which is then scored and kept",
  }),
  patience: option(optional(integer(1)), {
    group,
    default: null,
    help: "stop after N evaluations in a row without a better mean IoU",
  }),
  evalEvery: option(integer(1), { group, default: 10, help: "evaluate every N epochs, and after the last" }),
  saveEvery: option(integer(0), {
    group,
    default: 0,
    help: "save every N steps too, so that a killed run loses less; 0: after each epoch only",
  }),
  syncNorm: option(toggle, {
    group,
    only: { batchNorm: ["true"] },
    default: false,
    help: "on several ranks: batch norm over the whole batch, not over each rank's part",
  }),
  limitBatches: option(optional(integer(1)), {
    group,
    default: null,
    help: "use only the first N batches of every split, to try things out",
  }),
};

const run = "Run";

export const runOptions = {
  seed: option(integer(0, 0xffffffff), {
    group: run,
    default: 0,
    help: "seed of all random numbers of the run",
  }),
  threads: option(optional(integer(1, mostThreads)), {
    group: run,
    default: null,
    help: "CPU threads of the network; all cores unless given",
  }),
  workers: option(integer(0, 64), { group: run, default: 1, help: "threads that prepare data; 0: none" }),
  device: option(text("NAME", "a device such as cpu or cuda:0"), {
    group: run,
    default: "cpu",
    help: "cpu or cuda:N",
  }),
  precision: option(choice(["fp32", "bf16", "auto"], { fast: "bf16" }), {
    group: run,
    default: "fp32",
    help: "bf16 trains on bit-packed spikes with gradients in bfloat16; auto chooses it where it is faster",
  }),
  run: option(optional(path("DIR")), {
    group: run,
    default: null,
    help: "run folder; runs/DATASET-MODEL-ARCH-N unless given",
  }),
  tensorboard: option(toggle, {
    group: run,
    default: false,
    help: "write TensorBoard event files into the run folder",
  }),
  csv: option(toggle, { group: run, default: false, help: "write metrics.csv beside metrics.jsonl" }),
  pictures: option(integer(0), {
    group: run,
    only: { examples: ["null"] },
    default: 4,
    help: "examples to picture",
  }),
  examples: option(list(text("ID", "an example's id"), "ID,ID"), {
    group: run,
    default: [],
    help: "the examples to picture, instead of some across the split",
  }),
};
