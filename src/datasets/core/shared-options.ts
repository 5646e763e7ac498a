/** Options of the data set, and of what is done to its examples, that several kinds of data sets may take. */
import {
  choice,
  imageSize,
  integer,
  numberWithin,
  option,
  optional,
  path,
  range,
  text,
} from "../../options/index.js";

const group = "Data";

/** A kind names those that mean something to it; those that no kind names mean something to every one. */
export const sharedOptions = {
  root: option(optional(path("DIR")), { group, default: null, help: "the data set's folder" }),
  classes: option(optional(path("FILE")), {
    group,
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
    group,
    default: null,
    help: "list of the training split instead of the data set's own",
  }),
  evalList: option(optional(path("FILE")), {
    group,
    default: null,
    help: "list of the evaluation split instead of the data set's own",
  }),
  imgSize: option(imageSize, { group, default: [64, 64] as const, help: "size that images are resized to" }),
  fit: option(optional(choice(["stretch", "letterbox"])), {
    group,
    default: null,
    help: "how images of another shape fit; letterbox with imagenet preprocessing, else stretch",
  }),
  preprocessing: option(choice(["paper", "imagenet", "unit"]), {
    group,
    default: "paper",
    help: "scaling of colours: BGR minus VOC's mean by 255, ImageNet's mean and deviation, or 0 to 1",
  }),
  orientation: option(optional(choice(["turned", "stored"])), {
    group,
    default: null,
    help: "photographs as their EXIF orientation turns them, or as stored; as dataset.json says, else turned",
  }),
  labelPixel: option(choice(["centre", "corner"]), {
    group,
    default: "centre",
    help: "pixel of a mask that a reduced label takes; corner shifts labels, as in the paper",
  }),
  void: option(choice(["ignore", "background"]), {
    group,
    default: "ignore",
    help: "void pixels while training, of ddd17 those that augmentation adds: left out of the loss, or class 0 as in the paper",
  }),
};

/** Those after the options of the kinds, in help texts. */
export const exampleOptions = {
  augment: option(choice(["none", "geometric", "picture", "scale-crop"]), {
    group,
    default: "none",
    help: "random changes while training: the paper's flips, scales, shifts and turns, or crops and colours of the resized picture, or of the picture as its file holds it",
  }),
  augmentScale: option(range(numberWithin(0.05, 16), "0.5,2"), {
    group,
    default: [0.5, 2],
    help: "least and largest size of the picture in the network's input, 1 for as large as without augmentation",
  }),
  augmentCrop: option(optional(imageSize), {
    group,
    default: null,
    help: "size of the part that the network sees in training; the whole input's unless given",
  }),
  cacheMb: option(integer(0), { group, default: 256, help: "memory for prepared examples, in megabytes" }),
};
