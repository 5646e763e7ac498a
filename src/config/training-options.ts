/** Options of the optimisation and of the run itself (REFERENCE defaults: SGD, 60 epochs, batches of 16). */
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
  shareBelowOne,
  text,
} from "./option.js";

const group = "Training";

export const trainingOptions = {
  epochs: option(integer(1), { group, default: 60, help: "passes over the training split" }),
  batchSize: option(integer(1), { group, default: 16, help: "examples per training step" }),
  evalBatchSize: option(integer(1), { group, default: 32, help: "examples per evaluation step" }),
  optimizer: option(choice(["sgd", "adam"]), { group, default: "sgd", help: "SGD, or Adam with AMSGrad" }),
  lr: option(numberAbove(0), { group, default: 1e-3, help: "learning rate at the start" }),
  momentum: option(shareBelowOne, {
    group,
    only: { optimizer: ["sgd"] },
    default: 0.9,
    help: "share of the last update that SGD repeats",
  }),
  weightDecay: option(numberFrom(0), { group, default: 5e-4, help: "weight decay, added to the gradient" }),
  schedule: option(choice(["step", "constant"]), {
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
  evalEvery: option(integer(1), { group, default: 10, help: "evaluate every N epochs, and after the last" }),
  saveEvery: option(integer(0), {
    group,
    default: 0,
    help: "save every N steps too, so that a killed run loses less; 0: after each epoch only",
  }),
  limitBatches: option(optional(integer(1)), {
    group,
    default: null,
    help: "use only the first N batches of every split, to try things out",
  }),
};

const run = "Run";

export const runOptions = {
  seed: option(integer(0, 0xffffffff), { group: run, default: 0, help: "of every random stream of the run" }),
  threads: option(optional(integer(1, 1024)), {
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
  run: option(optional(path("DIR")), {
    group: run,
    default: null,
    help: "run folder; runs/DATASET-MODEL-ARCH-N unless given",
  }),
  pictures: option(integer(0), { group: run, default: 4, help: "examples to picture after training" }),
  examples: option(list(text("ID", "an example's id"), "ID,ID"), {
    group: run,
    default: [],
    help: "examples to picture instead of the first ones",
  }),
};
