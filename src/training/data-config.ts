/** From a run's options to its data set. */
import { resolve } from "node:path";
import type { Config } from "../config/index.js";
import { type Augmentation, type DatasetSpec, usualSplits } from "../datasets/index.js";

/** The data set of a configuration. */
export function datasetSpecOf(config: Config): DatasetSpec {
  const { imgSize, preprocessing, fit } = config;
  const root = resolve(config.root ?? ".");
  switch (config.dataset) {
    case "voc2012":
      return {
        name: "voc2012",
        root,
        imgSize,
        preprocessing,
        void: config.void,
        ...(fit === null ? {} : { fit }),
      };
    case "folder": {
      const classesFile = config.classes === null ? {} : { classesFile: config.classes };
      return {
        name: "folder",
        root,
        imgSize,
        preprocessing,
        ...(fit === null ? {} : { fit }),
        ...classesFile,
      };
    }
    case "digits": {
      const mnist = config.mnist === null ? {} : { mnist: config.mnist };
      const cifar10 = config.cifar10 === null ? {} : { cifar10: config.cifar10 };
      return { name: "digits", imgSize, preprocessing, ...mnist, ...cifar10 };
    }
    case "ddd17": {
      const sequence = config.model === "snn" && config.encoding === "sequence" ? config.timesteps : 0;
      const channels = config.channels === "6" ? 6 : 2;
      return { name: "ddd17", root, imgSize, channels, scaling: config.scaling, sequence };
    }
  }
}

/** The splits of a configuration: those asked for, else the data set's usual ones. */
export function splitsOf(config: Config): { readonly train: string; readonly evaluate: string } {
  const usual = usualSplits(datasetSpecOf(config));
  return { train: config.trainSplit ?? usual.train, evaluate: config.evalSplit ?? usual.evaluate };
}

/** What training does to its examples, or `undefined` for nothing. */
export function augmentationOf(config: Config): Augmentation | undefined {
  if (config.augment === "none") return undefined;
  return { kind: config.augment, labelFill: config.void === "background" ? "zero" : "void" };
}
