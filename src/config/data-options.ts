/** Options of the data set and of what is done to its examples. */
import { choice, imageSize, integer, option, optional, path, toggle } from "./option.js";

const group = "Data";

export const dataOptions = {
  dataset: option(choice(["voc2012", "folder", "digits", "ddd17"]), {
    group,
    default: "voc2012",
    help: "kind of data set",
  }),
  root: option(optional(path("DIR")), { group, default: null, help: "the data set's folder" }),
  classes: option(optional(path("FILE")), {
    group,
    only: { dataset: ["folder"] },
    default: null,
    help: "class list, where the folder has no dataset.json",
  }),
  imgSize: option(imageSize, { group, default: [64, 64] as const, help: "size that images are resized to" }),
  void: option(choice(["ignore", "background"]), {
    group,
    only: { dataset: ["voc2012"] },
    default: "ignore",
    help: "void pixels of the training split: left out of the loss, or background as in the paper",
  }),
  preprocessing: option(choice(["paper", "imagenet", "unit"]), {
    group,
    default: "paper",
    help: "scaling of the input values",
  }),
  augment: option(toggle, {
    group,
    default: false,
    help: "random flips, scales, shifts and turns while training",
  }),
  cacheMb: option(integer(0), { group, default: 256, help: "memory for prepared examples, in megabytes" }),
};
