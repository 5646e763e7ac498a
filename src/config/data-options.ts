/** Options of the data set and of what is done to its examples. */
import { digitOptions } from "./digit-options.js";
import { eventOptions } from "./event-options.js";
import { choice, imageSize, integer, option, optional, path, text } from "./option.js";

const group = "Data";
const listed = { group, only: { dataset: ["voc2012", "folder", "ddd17"] } } as const;
const pictures = { group, only: { dataset: ["voc2012", "folder", "digits"] } } as const;

export const dataOptions = {
  dataset: option(choice(["voc2012", "folder", "digits", "ddd17", "dsec", "events"]), {
    group,
    default: "voc2012",
    help: "kind of data set",
  }),
  root: option(optional(path("DIR")), {
    group,
    only: { dataset: ["voc2012", "folder", "ddd17", "dsec", "events"] },
    default: null,
    help: "the data set's folder",
  }),
  classes: option(optional(path("FILE")), {
    group,
    only: { dataset: ["folder", "events"] },
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
    help: "split to evaluate on: test of ddd17 and dsec, else val",
  }),
  trainList: option(optional(path("FILE")), {
    ...listed,
    default: null,
    help: "list of the training split instead of the data set's own",
  }),
  evalList: option(optional(path("FILE")), {
    ...listed,
    default: null,
    help: "list of the evaluation split instead of the data set's own",
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
  orientation: option(optional(choice(["turned", "stored"])), {
    group,
    only: { dataset: ["voc2012", "folder"] },
    default: null,
    help: "photographs as their EXIF orientation turns them, or as stored; as dataset.json says, else turned",
  }),
  labelPixel: option(choice(["centre", "corner"]), {
    group,
    only: { dataset: ["voc2012", "folder", "ddd17", "dsec", "events"] },
    default: "centre",
    help: "pixel of a mask that a reduced label takes; corner shifts labels, as in the paper",
  }),
  void: option(choice(["ignore", "background"]), {
    group,
    only: [{ dataset: ["voc2012"] }, { dataset: ["ddd17"], augment: ["geometric"] }],
    default: "ignore",
    help: "void pixels while training, of ddd17 those that augmentation adds: left out of the loss, or class 0 as in the paper",
  }),
  ...digitOptions,
  ...eventOptions,
  augment: option(choice(["none", "geometric", "picture"]), {
    group,
    default: "none",
    help: "random changes while training: the paper's flips, scales, shifts and turns, or crops and colours",
  }),
  cacheMb: option(integer(0), { group, default: 256, help: "memory for prepared examples, in megabytes" }),
};
