/** Everything that training works with, built from a configuration in one place. */
import { type Config, completeConfig } from "../config/index.js";
import { createLoader, type Loader, type Noise, type SegmentationDataset } from "../datasets/index.js";
import type { Tensor } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { createModel, type ModelConfig, type SegmentationModel } from "../models/index.js";
import { Adam, AdamW, MovingAverage, type Optimizer, Sgd } from "../nn/index.js";
import { AuxiliaryHead } from "./auxiliary-head.js";
import { augmentationOf, datasetSpecOf, splitsOf } from "./data-config.js";
import { learningRateOf } from "./learning-rate-of.js";
import { checkTrainable, computingOf, modelConfigOf } from "./network-from-config.js";

/** What a run may begin with instead of a fresh network of its configuration. */
export type Beginning = {
  readonly modelConfig?: ModelConfig;
  /** May give the network other weights. */
  readonly initialise?: (model: SegmentationModel) => Promise<unknown>;
};

/** The parts of a training run. The owner closes it. */
export interface Experiment extends AsyncDisposable {
  readonly config: Config;
  readonly modelConfig: ModelConfig;
  readonly model: SegmentationModel;
  /** Of the network's parameters and the auxiliary head's. */
  readonly optimizer: Optimizer;
  /** Trained beside the network, where the configuration asks for one. */
  readonly auxiliary: AuxiliaryHead | undefined;
  /** Of the network's whole state, where the configuration asks for it. */
  readonly average: MovingAverage | undefined;
  readonly trainLoader: Loader;
  readonly evalLoader: Loader;
  /** Of every epoch: all batches, or as many as the limit allows. */
  readonly stepsPerEpoch: number;
  /** The learning rate of a step of an epoch, both from 0. */
  learningRate(epoch: number, step: number): number;
}

/**
 * Opens both splits, then builds network and optimizer.
 *
 * @param options - such as a checkpoint's `config`; those left out have their defaults
 * @throws OptionError if an option is wrong; FileError or DataFormatError if the data set is not there or not sound; nothing stays open then
 */
export async function createExperiment(
  options: Readonly<Partial<Config>>,
  beginning: Beginning = {},
): Promise<Experiment> {
  const config = completeConfig(options);
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const splits = splitsOf(config);
    const trainLoader = await createTrainLoader(config, splits.train);
    closers.push(() => trainLoader.close());
    const evalLoader = await createEvalLoader(config, { split: splits.evaluate });
    closers.push(() => evalLoader.close());
    const { dataset } = trainLoader;
    const shape = { inputChannels: dataset.channels, numClasses: dataset.classes.length };
    const { modelConfig = modelConfigOf(config, shape), initialise } = beginning;
    checkFitsData(modelConfig, dataset);
    checkTrainable(config, modelConfig);
    const model = createModel(modelConfig, { seed: config.seed, ...computingOf(config) });
    closers.push(() => model[Symbol.dispose]());
    await initialise?.(model);
    const { auxiliaryWeight: weight, seed, device } = config;
    const auxiliary = weight === null ? undefined : new AuxiliaryHead(modelConfig, { weight, seed, device });
    closers.push(() => auxiliary?.dispose());
    const optimizer = createOptimizer(
      config,
      new Map([...model.parameters(), ...(auxiliary?.parameters() ?? [])]),
    );
    closers.push(() => optimizer[Symbol.dispose]());
    const average =
      config.average === null ? undefined : new MovingAverage(model.state(), { decay: config.average });
    closers.push(() => average?.dispose());
    const stepsPerEpoch = Math.min(trainLoader.batchCount, config.limitBatches ?? Number.POSITIVE_INFINITY);
    return {
      config,
      modelConfig,
      model,
      optimizer,
      auxiliary,
      average,
      trainLoader,
      evalLoader,
      stepsPerEpoch,
      learningRate: (epoch, step) => learningRateOf({ epoch, step, stepsPerEpoch }, config),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function checkFitsData(
  { inputChannels, numClasses }: ModelConfig,
  { name, channels, classes }: SegmentationDataset,
): void {
  if (channels === inputChannels && classes.length === numClasses) return;
  throw new OptionError(
    `train: expected a data set of ${inputChannels} channels and ${numClasses} classes, as the network has, ` +
      `received ${name} with ${channels} and ${classes.length}; check --root and --init-from`,
  );
}

/**
 * The batches of a split for scoring: in order, unchanged but for `noise`; void stays void. The caller closes the loader.
 *
 * @param options - such as a checkpoint's `config`; those left out have their defaults
 * @param which - name of the split, and noise on its images (default: none)
 * @throws OptionError if an option is wrong, FileError or DataFormatError if the data set is not there or not sound
 */
export async function createEvalLoader(
  options: Readonly<Partial<Config>>,
  { split, noise }: { readonly split: string; readonly noise?: Noise | undefined },
): Promise<Loader> {
  const config = completeConfig(options);
  const { evalBatchSize: batchSize, seed, workers } = config;
  const cacheBytes = config.cacheMb * 2 ** 20;
  const changes = noise === undefined ? {} : { noise };
  const spec = datasetSpecOf({ ...config, void: "ignore" });
  return createLoader(spec, { split, batchSize, seed, workers, cacheBytes, ...changes });
}

/** The batches of a split for training: shuffled anew in each epoch, changed as `--augment` says. */
export async function createTrainLoader(options: Readonly<Partial<Config>>, split: string): Promise<Loader> {
  const config = completeConfig(options);
  const { batchSize, seed, workers } = config;
  const cacheBytes = config.cacheMb * 2 ** 20;
  const augment = augmentationOf(config);
  const changes = augment === undefined ? {} : { augment };
  return createLoader(datasetSpecOf(config), {
    split,
    batchSize,
    shuffle: true,
    seed,
    workers,
    cacheBytes,
    ...changes,
  });
}

function createOptimizer(config: Config, parameters: ReadonlyMap<string, Tensor>): Optimizer {
  const { lr, momentum, weightDecay } = config;
  switch (config.optimizer) {
    case "adam":
      return new Adam(parameters, { lr, weightDecay });
    case "adamw":
      return new AdamW(parameters, { lr, weightDecay, decays: isKernel });
    case "sgd":
      return new Sgd(parameters, { lr, momentum, weightDecay });
  }
}

/** Kernels alone decay: biases, norms, thresholds and leaks have a scale of their own, and at most two axes. */
function isKernel(_: string, { shape }: Tensor): boolean {
  return shape.length > 2;
}
