/** A checkpoint opened for a closer look: its network, its options, and the data to look with. */
import type { TrainedNetwork } from "../analysis/index.js";
import { type Config, type Layer, resolveConfig } from "../config/index.js";
import type { Noise } from "../datasets/index.js";
import { OptionError } from "../errors.js";
import { createBlankModel } from "../models/index.js";
import { checkpointFile, loadCheckpoint } from "../serialization/index.js";
import {
  atTimesteps,
  type CheckpointMeta,
  computingOf,
  createEvalLoader,
  type EvaluationResult,
  evaluationWarnings,
  restoreWeights,
  splitsOf,
} from "../training/index.js";
import { prepareEngine } from "./environment.js";
import type { Terminal } from "./terminal.js";

/** The owner closes it. */
export interface TrainedRun extends TrainedNetwork, AsyncDisposable {
  readonly file: string;
  readonly meta: CheckpointMeta;
  readonly config: Config;
}

/**
 * Opens a run folder's best checkpoint (or its last), or a checkpoint file.
 *
 * @param given - options that beat the checkpoint's
 * @throws OptionError if the data has other channels or classes than the network, or batch norm too few timesteps
 */
export async function openTrainedRun(
  path: string,
  {
    given,
    split,
    noise,
    last = false,
  }: {
    readonly given: Layer;
    readonly split?: string | undefined;
    readonly noise?: Noise | undefined;
    readonly last?: boolean | undefined;
  },
): Promise<TrainedRun> {
  const file = await checkpointFile(path, { prefer: last ? "last" : "best" });
  const checkpoint = await loadCheckpoint(file);
  const meta = checkpoint.meta as unknown as CheckpointMeta;
  const { config } = resolveConfig([{ source: "run", where: `${file}: `, values: meta.config }, given]);
  const { timesteps: asked } = given.values;
  const trained = { model: meta.model, tensors: checkpoint.tensors };
  const network = asked === undefined ? trained : atTimesteps(trained, { timesteps: config.timesteps, file });
  prepareEngine(config);
  const listed = given.values.evalList === undefined ? config : withListOf(split, config);
  const loader = await createEvalLoader(listed, { split: split ?? splitsOf(config).evaluate, noise });
  const { dataset } = loader;
  if (dataset.channels !== meta.model.inputChannels || dataset.classes.length !== meta.model.numClasses) {
    await loader.close();
    throw new OptionError(
      `open ${file}: expected a data set of ${meta.model.inputChannels} channels and ${meta.model.numClasses} classes, ` +
        `received ${dataset.name} with ${dataset.channels} and ${dataset.classes.length}; check --root and --classes`,
    );
  }
  const model = createBlankModel(network.model, computingOf(config));
  restoreWeights(file, model, network.tensors);
  model.setTraining(false);
  const { kind } = network.model;
  const timesteps = network.model.kind === "snn" ? network.model.timesteps : 1;
  return {
    file,
    meta,
    config,
    model,
    loader,
    input: { model: kind, encoding: config.encoding, timesteps, device: config.device },
    seed: config.seed,
    batchSize: config.evalBatchSize,
    limitBatches: config.limitBatches,
    trainPixels: meta.trainPixels,
    async [Symbol.asyncDispose]() {
      model.dispose();
      await loader.close();
    },
  };
}

/** With a list that is given now for the split that is asked for now, not for the one that training scored. */
function withListOf(split: string | undefined, config: Config): Config {
  if (split === undefined) return config;
  const { evalList, trainList } = config;
  return { ...config, evalSplit: split, trainList: split === splitsOf(config).train ? evalList : trainList };
}

/** Tells what the scores of an evaluation do not say by themselves. */
export function warnOfResult(
  { model, loader }: Pick<TrainedRun, "model" | "loader">,
  result: EvaluationResult,
  terminal: Terminal,
): void {
  const { batchNorm } = model.config;
  const { classes } = loader.dataset;
  for (const warning of evaluationWarnings(result, { classes, batchNorm })) terminal.warn(warning);
}
