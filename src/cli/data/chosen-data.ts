/** Which data set a `data` command is about: the same options as in `train`. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { type Config, type ConfigKey, configKeys, optionOf, resolveConfig } from "../../config/index.js";
import type { DatasetSpec, EventsSpec } from "../../datasets/index.js";
import { datasetSpecOf } from "../../training/index.js";
import { givenFlags } from "../flags/config-flags.js";

const trainingOnly: readonly ConfigKey[] = [
  "trainSplit",
  "evalSplit",
  "void",
  "augment",
  "augmentScale",
  "augmentCrop",
  "cacheMb",
];
const networkOnly: readonly ConfigKey[] = ["fit", "preprocessing", "scaling", "labelPixel"];

/** Options of what a data set's files are and mean. */
export const dataKeys: readonly ConfigKey[] = configKeys.filter(
  (key) => optionOf(key).group === "Data" && ![...trainingOnly, ...networkOnly].includes(key),
);

/** Which examples to picture. */
export const pictureKeys = ["pictures", "examples", "seed"] as const satisfies readonly ConfigKey[];

/** Options of data sets that have lists, or could. */
export const listKeys: readonly ConfigKey[] = dataKeys;

/** Options of what can be prepared. */
export const prepareKeys: readonly ConfigKey[] = dataKeys.filter(
  (key) => !["division", "channels", "dsecClasses", "representation", "bins", "frameCache"].includes(key),
);

/** Options of pictures, and of a simulated camera that moves over them. */
export const simulateKeys: readonly ConfigKey[] = [
  ...(["root", "simulateFrom", "classes", "trainList", "evalList", "orientation", "labelPixel"] as const),
  ...(["imgSize", "sensorModel", "cameraMotion", "windowUs", "seed"] as const),
];

/** A data set as chosen on the command line. */
export interface ChosenData {
  readonly config: Config;
  readonly spec: DatasetSpec;
  /** The options that were given, not those at their defaults. */
  readonly given: ReadonlySet<string>;
}

/** @throws OptionError if options are wrong or contradict each other */
export function givenData(command: Command, keys: readonly ConfigKey[]): ChosenData {
  const layer = givenFlags(command, keys);
  const { config } = resolveConfig([layer]);
  return { config, spec: datasetSpecOf(config), given: new Set(Object.keys(layer.values)) };
}

/** Whether recordings come with labels and are wanted with them: a split, a class list, or `dataset.json` says so. */
export function isLabelled({ root, classesFile }: EventsSpec, split: string | undefined): boolean {
  if (split !== undefined || classesFile !== undefined) return true;
  const isFolder = statSync(root, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder && existsSync(join(root, "dataset.json"));
}
