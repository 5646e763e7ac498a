/** Where a training run stands: saved beside the weights so that a resumed run equals an uninterrupted one. */

import { existsSync } from "node:fs";
import type { ConfigKey } from "../config/index.js";
import { scope, type Tensor, tensorFrom } from "../engine/index.js";
import { DataFormatError, DivergenceError, OptionError } from "../errors.js";
import { architectureName } from "../models/index.js";
import { loadState, readState } from "../nn/index.js";
import {
  checkCheckpointFits,
  checkWeightValues,
  impossibleValue,
  type NamedArrays,
  saveCheckpoint,
} from "../serialization/index.js";
import { type CheckpointMeta, loadTrained, metaJson } from "./checkpoint-meta.js";
import type { ClassCounts } from "./class-counts.js";
import type { Experiment } from "./experiment.js";
import { optionsInForce } from "./options-in-force.js";
import type { Progress } from "./progress.js";
import type { EvaluationResult } from "./records.js";

/** Options that say where and how fast a run computes, not what: they may change from process to process. */
export const machineKeys: readonly ConfigKey[] = [
  "run",
  "workers",
  "threads",
  "device",
  "cacheMb",
  "saveEvery",
  "pictures",
  "examples",
  "tensorboard",
  "csv",
];

/** Saves weights alone, with the scores they got. */
export async function saveWeights(
  path: string,
  experiment: Experiment,
  { trainCounts, scores }: { trainCounts: ClassCounts; scores: EvaluationResult },
): Promise<void> {
  const tensors = soundState(experiment, path);
  const meta = metaOf(experiment, { trainCounts, scores, epoch: scores.epoch, step: 0 });
  await saveCheckpoint(path, { tensors, meta: metaJson(meta) });
}

/** Saves everything that is needed to go on. */
export async function saveTraining(
  path: string,
  experiment: Experiment,
  { trainCounts, progress }: { trainCounts: ClassCounts; progress: Progress },
): Promise<void> {
  const tensors = soundState(experiment, path);
  const { epoch, step, latest } = progress;
  const saved = { ...progress, updates: experiment.optimizer.steps };
  const meta = { ...metaOf(experiment, { trainCounts, scores: latest, epoch, step }), progress: saved };
  await saveCheckpoint(path, {
    tensors,
    optimizer: arraysOf(new Map([...experiment.optimizer.state(), ...besidesOf(experiment)])),
    meta: metaJson(meta),
  });
}

/**
 * Puts a saved state into an experiment.
 *
 * @throws ShapeError if the checkpoint belongs to another network, OptionError if the data set has other classes now
 */
export async function restoreTraining(
  path: string,
  experiment: Experiment,
): Promise<{ progress: Progress; trainCounts: ClassCounts }> {
  const { tensors, optimizer, meta } = await loadTrained(path);
  const { progress, trainPixels, trainImagePixels } = meta;
  if (progress === undefined) {
    throw new DataFormatError(
      `resume ${path}: expected a checkpoint to go on from, received weights alone; resume with the run's last checkpoint`,
    );
  }
  checkSameClasses(path, meta.classes, experiment.trainLoader.dataset.classes);
  restoreWeights(path, experiment.model, tensors);
  const isBeside = (key: string) => key.startsWith(averagePrefix) || key.startsWith(headPrefix);
  const moments = new Map([...optimizer].filter(([key]) => !isBeside(key)));
  scope("restore training", () => {
    experiment.optimizer.loadState(tensorsOf(moments), progress.updates);
    experiment.average?.load(tensorsOf(withPrefix(optimizer, averagePrefix)), progress.updates);
  });
  restoreHead(path, experiment, withPrefix(optimizer, headPrefix));
  // Older runs weighed classes by their share of all pixels, and go on with that.
  const all = trainPixels.reduce((sum, count) => sum + count, 0);
  const imagePixels = trainImagePixels ?? trainPixels.map(() => all);
  return { progress, trainCounts: { pixels: trainPixels, imagePixels } };
}

/**
 * Puts saved weights into a network.
 *
 * @param path - their file, for errors
 * @param model - its weights and statistics are replaced
 * @param tensors - under the names of its state; copied
 * @throws ShapeError if they belong to another network, DataFormatError if no network can have their values
 */
export function restoreWeights(path: string, model: Experiment["model"], tensors: NamedArrays): void {
  const shapes = new Map([...model.state()].map(([name, tensor]) => [name, tensor.shape]));
  const { kind, arch } = model.config;
  checkCheckpointFits(shapes, tensors, { path, network: `${architectureName(arch)} (${kind})` });
  checkWeightValues(tensors, path);
  loadState(model, tensors);
}

function checkSameClasses(path: string, began: readonly string[], now: readonly string[]): void {
  if (JSON.stringify(began) === JSON.stringify(now)) return;
  throw new OptionError(
    `resume ${path}: expected the classes ${began.join(", ")}, as the run began, received ${now.join(", ")}; ` +
      "give the data set its class list back, or start a new run with --init-from",
  );
}

/** Keys of averaged weights among the optimizer's. */
const averagePrefix = "average.";
/** Keys of an auxiliary head's weights among the optimizer's. */
const headPrefix = "head.";

/** What training keeps beside the network and the optimizer's moments. */
function besidesOf({ average, auxiliary }: Experiment): [string, Tensor][] {
  const named = (prefix: string, tensors: ReadonlyMap<string, Tensor> = new Map()) =>
    [...tensors].map(([name, tensor]): [string, Tensor] => [prefix + name, tensor]);
  return [...named(averagePrefix, average?.averages()), ...named(headPrefix, auxiliary?.state())];
}

/** The arrays whose keys begin so, without the prefix. */
function withPrefix(arrays: NamedArrays, prefix: string): NamedArrays {
  const chosen = [...arrays].filter(([key]) => key.startsWith(prefix));
  return new Map(chosen.map(([key, array]) => [key.slice(prefix.length), array]));
}

function tensorsOf(arrays: NamedArrays): Map<string, Tensor> {
  return new Map([...arrays].map(([key, { data, shape, dtype }]) => [key, tensorFrom(data, shape, dtype)]));
}

/** @throws DataFormatError if the checkpoint lacks weights of the head */
function restoreHead(path: string, { auxiliary }: Experiment, weights: NamedArrays): void {
  const [missing] = auxiliary === undefined ? [] : loadState(auxiliary, weights).missing;
  if (missing === undefined) return;
  throw new DataFormatError(
    `resume ${path}: expected ${missing} of the auxiliary head, received none; resume with the run's last checkpoint`,
  );
}

function metaOf(
  { config, model, trainLoader }: Experiment,
  {
    trainCounts: { pixels, imagePixels },
    ...rest
  }: { trainCounts: ClassCounts } & Pick<CheckpointMeta, "epoch" | "step" | "scores">,
): CheckpointMeta {
  const { classes, orientation } = trainLoader.dataset;
  const keys = optionsInForce(config, model).filter((key) => !machineKeys.includes(key));
  return {
    model: model.config,
    config: Object.fromEntries(keys.map((key) => [key, config[key]])),
    classes,
    ...(orientation === undefined ? {} : { orientation }),
    trainPixels: pixels,
    trainImagePixels: imagePixels,
    ...rest,
  };
}

function arraysOf(tensors: ReadonlyMap<string, Tensor>): NamedArrays {
  return new Map(
    [...tensors].map(([key, tensor]) => [
      key,
      { dtype: tensor.dtype, shape: tensor.shape, data: tensor.toArray() },
    ]),
  );
}

/** The network's state, where a network can have it. */
function soundState({ model }: Experiment, path: string): NamedArrays {
  const tensors = readState(model);
  const impossible = impossibleValue(tensors);
  if (impossible === undefined) return tensors;
  const kept = existsSync(path) ? `${path} keeps its last good state` : "nothing was saved yet";
  throw new DivergenceError(
    `train: expected ${impossible.expected}, received ${impossible.received}; ${kept}, lower --lr and start again`,
  );
}
