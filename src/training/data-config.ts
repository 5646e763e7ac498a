/** From a run's options to its data set. */
import type { Config } from "../config/index.js";
import { type Augmentation, type DatasetSpec, specOfOptions, usualSplits } from "../datasets/index.js";
import { OptionError } from "../errors.js";

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
  const sequence = config.model === "snn" && config.encoding === "sequence" ? config.timesteps : 0;
  return specOfOptions(config, sequence);
}

/** What training does to its examples, or `undefined` for nothing. */
export function augmentationOf(config: Config): Augmentation | undefined {
  const { augment: kind, augmentScale: scale, augmentCrop: crop } = config;
  if (kind === "none") return undefined;
  return {
    kind,
    labelFill: config.void === "background" ? "zero" : "void",
    scale,
    ...(crop === null ? {} : { crop }),
  };
}
