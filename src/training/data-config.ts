/** From a run's options to its data set. */
import { resolve } from "node:path";
import type { Config } from "../config/index.js";
import {
  type Augmentation,
  type DatasetSpec,
  type SlicedEventsSpec,
  usualSplits,
} from "../datasets/index.js";
import { OptionError } from "../errors.js";
import type { EventFileOptions } from "../events/index.js";

/** The data set of a configuration, with its lists where other ones are asked for. */
export function datasetSpecOf(config: Config): DatasetSpec {
  const spec = plainSpec(config);
  const { trainList, evalList } = config;
  if (trainList === null && evalList === null) return spec;
  const { train, evaluate } = splitsOf(config);
  if (train === evaluate && trainList !== evalList) {
    const [flag, role] = trainList === null ? ["--eval-list", "training"] : ["--train-list", "evaluation"];
    throw new OptionError(
      `${flag}: expected another split for ${role}, received ${train} for both, which has one list; ` +
        "name them apart with --train-split and --eval-split, or give both the same list",
    );
  }
  const lists = {
    ...(trainList === null ? {} : { [train]: trainList }),
    ...(evalList === null ? {} : { [evaluate]: evalList }),
  };
  return { ...spec, lists } as DatasetSpec;
}

/** The splits of a configuration: those asked for, else the data set's usual ones. */
export function splitsOf(config: Config): { readonly train: string; readonly evaluate: string } {
  const usual = usualSplits(plainSpec(config));
  return { train: config.trainSplit ?? usual.train, evaluate: config.evalSplit ?? usual.evaluate };
}

function plainSpec(config: Config): DatasetSpec {
  const { imgSize, preprocessing, labelPixel } = config;
  const root = resolve(config.root ?? ".");
  const place = { root, imgSize, labelPixel };
  const holding = {
    ...(config.fit === null ? {} : { fit: config.fit }),
    ...(config.orientation === null ? {} : { orientation: config.orientation }),
  };
  const classesFile = config.classes === null ? {} : { classesFile: config.classes };
  switch (config.dataset) {
    case "voc2012":
      return { name: "voc2012", ...place, preprocessing, void: config.void, ...holding };
    case "folder":
      return { name: "folder", ...place, preprocessing, ...holding, ...classesFile };
    case "digits":
      return digitsSpec(config);
    case "ddd17": {
      const sequence = config.model === "snn" && config.encoding === "sequence" ? config.timesteps : 0;
      const channels = config.channels === "6" ? 6 : 2;
      return {
        ...{ name: "ddd17", ...place, channels, sequence },
        ...{ scaling: config.scaling, division: config.division },
      };
    }
    case "dsec":
      return {
        name: "dsec",
        ...place,
        classes: config.dsecClasses === "19" ? 19 : 11,
        ...slicingOf(config),
      };
    case "events":
      return { name: "events", ...place, ...classesFile, ...slicingOf(config) };
  }
}

function digitsSpec(config: Config): DatasetSpec {
  const { imgSize, preprocessing, mnist, cifar10 } = config;
  return {
    ...{ name: "digits", imgSize, preprocessing },
    ...(mnist === null ? {} : { mnist }),
    ...(cifar10 === null ? {} : { cifar10 }),
    ...{ trainSize: config.digitsTrain, valSize: config.digitsVal, seed: config.digitSeed },
    digits: config.digitCount as readonly [number, number],
    scale: config.digitScale as readonly [number, number],
    ...{ overlap: config.digitOverlap, occlusion: config.digitOcclusion },
  };
}

function slicingOf(config: Config): SlicedEventsSpec {
  const { representation, bins, windowUs, frameCache } = config;
  const cache = frameCache === null ? {} : { cache: frameCache };
  return { representation, bins, windowUs, reading: readingOf(config), ...cache };
}

/** What a configuration says about recordings that do not say it themselves. */
export function readingOf({ timeUnit, columns, sensor, strict }: Config): EventFileOptions {
  const [width = 0, height = 0] = (sensor ?? "").split("x").map(Number);
  return {
    ...(timeUnit === null ? {} : { timeUnit }),
    ...(columns === null ? {} : { columns }),
    ...(sensor === null ? {} : { sensor: { width, height } }),
    strict,
  };
}

/** What training does to its examples, or `undefined` for nothing. */
export function augmentationOf(config: Config): Augmentation | undefined {
  if (config.augment === "none") return undefined;
  return { kind: config.augment, labelFill: config.void === "background" ? "zero" : "void" };
}
