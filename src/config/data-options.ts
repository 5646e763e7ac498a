/** Options of the data set and of what is done to its examples. */
import { choice, imageSize, integer, option, optional, path, text } from "./option.js";

const group = "Data";
const digits = { group, only: { dataset: ["digits"] } } as const;
const ddd17 = { group, only: { dataset: ["ddd17"] } } as const;
const pictures = { group, only: { dataset: ["voc2012", "folder", "digits"] } } as const;

export const dataOptions = {
  dataset: option(choice(["voc2012", "folder", "digits", "ddd17"]), {
    group,
    default: "voc2012",
    help: "kind of data set",
  }),
  root: option(optional(path("DIR")), {
    group,
    only: { dataset: ["voc2012", "folder", "ddd17"] },
    default: null,
    help: "the data set's folder",
  }),
  classes: option(optional(path("FILE")), {
    group,
    only: { dataset: ["folder"] },
    default: null,
    help: "class list, where the folder has no dataset.json",
  }),
  trainSplit: option(optional(text("NAME", "a split's name")), {
    group,
    default: null,
    help: "split to train on: train_aug of voc2012 where it has one, else train",
  }),
  evalSplit: option(optional(text("NAME", "a split's name")), {
    group,
    default: null,
    help: "split to evaluate on: test of ddd17, else val",
  }),
  imgSize: option(imageSize, { group, default: [64, 64] as const, help: "size that images are resized to" }),
  fit: option(optional(choice(["stretch", "letterbox"])), {
    group,
    only: { dataset: ["voc2012", "folder"] },
    default: null,
    help: "how images of another shape fit; letterbox with imagenet preprocessing, else stretch",
  }),
  preprocessing: option(choice(["paper", "imagenet", "unit"]), {
    ...pictures,
    default: "paper",
    help: "scaling of colours: BGR minus VOC's mean by 255, ImageNet's mean and deviation, or 0 to 1",
  }),
  void: option(choice(["ignore", "background"]), {
    group,
    only: { dataset: ["voc2012", "ddd17"] },
    default: "ignore",
    help: "void pixels while training: left out of the loss, or background (class 0) as in the paper",
  }),
  mnist: option(optional(path("DIR")), {
    ...digits,
    default: null,
    help: "MNIST's IDX files instead of the built-in digits",
  }),
  cifar10: option(optional(path("DIR")), {
    ...digits,
    default: null,
    help: "CIFAR-10's binary files as backgrounds",
  }),
  channels: option(choice(["2", "6"]), { ...ddd17, default: "2", help: "channels of the event frames" }),
  scaling: option(choice(["channel", "column"]), {
    ...ddd17,
    default: "channel",
    help: "what is brought to ±0.5: each channel, or each image column as in the paper",
  }),
  augment: option(choice(["none", "geometric", "picture"]), {
    group,
    default: "none",
    help: "random changes while training: the paper's flips, scales, shifts and turns, or crops and colours",
  }),
  cacheMb: option(integer(0), { group, default: 256, help: "memory for prepared examples, in megabytes" }),
};
