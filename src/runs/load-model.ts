/** A trained network from its checkpoint, and back into one. */
import { type Config, flagLayer, resolveConfig } from "../config/index.js";
import { checkDevice } from "../engine/index.js";
import { OptionError } from "../errors.js";
import type { SegmentationModel } from "../models/index.js";
import { readState } from "../nn/index.js";
import { checkpointPath, checkWeightValues, saveCheckpoint } from "../serialization/index.js";
import { type CheckpointMeta, metaJson, networkOptions, type OwnParts } from "../training/index.js";
import { freshMeta } from "./exchange/fresh-meta.js";
import { type GivenOptions, loadRun, restoredNetwork } from "./open-run.js";

/** Which checkpoint, and where its network computes. */
export interface LoadModelOptions extends OwnParts {
  /** Of a run folder, the last checkpoint instead of the best (default false). */
  readonly last?: boolean;
  /** `cpu` (default), `cuda`, `cuda:1` … */
  readonly device?: string;
}

/** A network and what its checkpoint says of it. */
export interface LoadedModel {
  /** In evaluation mode. The caller disposes it. */
  readonly model: SegmentationModel;
  /** Classes, options of the training, scores. */
  readonly meta: CheckpointMeta;
  /** The checkpoint's file. */
  readonly file: string;
}

/**
 * Loads a trained network; `openRun` also completes the options that it was trained with.
 *
 * @param path - a run folder, whose best checkpoint is taken, its number in the list of runs, or a checkpoint file
 * @param options - which checkpoint, the device, and parts of one's own
 * @throws FileError if there is none, DataFormatError if it is damaged, not one of a run, or no network can have its values,
 * ShapeError if the weights are not the network's, OptionError if there is no such device or no such run
 * @example
 * // not run: needs a run folder
 * import { loadModel } from "snnseg";
 * const { model, meta } = await loadModel("runs/my-snn");
 * console.log(meta.classes, [...model.parameters().keys()]);
 * model.dispose();
 */
export async function loadModel(
  path: string,
  { device = "cpu", ...opening }: LoadModelOptions = {},
): Promise<LoadedModel> {
  checkDevice(device);
  const { path: file, tensors, meta } = await loadRun(path, opening);
  return { model: restoredNetwork(file, { model: meta.model, tensors }, { device }), meta, file };
}

/** What a checkpoint keeps beside the network. */
export interface SaveModelOptions {
  /** Names of the classes, in the order of the scores (default: `class 0`, `class 1` …). */
  readonly classes?: readonly string[];
  /** Options by name that the network's data need, as in docs/options.md, such as `dataset`, `imgSize` and `preprocessing`. */
  readonly options?: GivenOptions;
}

/**
 * Saves a network as a checkpoint, which `loadModel`, `loadSegmenter` and the command line take. The file is written whole or
 * not at all.
 *
 * @param path - of the new file, with or without `.safetensors`
 * @param model - read, never written; a neuron or surrogate of one's own leaves only its name
 * @param options - names of classes, and the options that its data need
 * @returns the file's path
 * @throws OptionError if an option is wrong or there are other classes than the network tells apart, DataFormatError if a
 * weight is not finite, FileError if the file cannot be written
 * @example
 * import { createModel, saveModel } from "snnseg";
 *
 * const model = createModel({ kind: "ann", arch: "dl-vgg9", inputChannels: 3, numClasses: 2 });
 * await saveModel("model.safetensors", model, { classes: ["background", "cell"] });
 * model.dispose();
 */
export async function saveModel(
  path: string,
  model: SegmentationModel,
  { classes, options = {} }: SaveModelOptions = {},
): Promise<string> {
  const file = checkpointPath(path);
  const { numClasses } = model.config;
  if (classes !== undefined && classes.length !== numClasses) {
    throw new OptionError(
      `save ${file}: expected the names of ${numClasses} classes, received ${classes.length}; name each that the network tells apart`,
    );
  }
  const tensors = readState(model);
  checkWeightValues(tensors, file);
  const own = networkOptions(model.config);
  // Only so that the options are complete; those that nobody gave are not recorded.
  const complete = { dataset: "digits", ...own };
  const { config } = resolveConfig([
    { source: "run", where: `save ${file}: `, values: complete },
    flagLayer(options),
  ]);
  const keys = [...Object.keys(own), ...Object.keys(options)] as (keyof Config)[];
  const kept = Object.fromEntries(keys.map((key) => [key, config[key]])) as Partial<Config>;
  await saveCheckpoint(file, { tensors, meta: metaJson(freshMeta(model.config, { config: kept, classes })) });
  return file;
}
