/** The beginning of a training run: a new one in an empty folder, or an old one where it stopped. */
import type { ResolvedConfig } from "../config/index.js";
import { classSuspicions, type Suspicion } from "../datasets/index.js";
import { isWriter, type RankGroup } from "../distributed/index.js";
import type { SegmentationModel } from "../models/index.js";
import { readTrainedMeta } from "./checkpoint-meta.js";
import { type ClassCounts, checkLabelled, classCounts, onlyVoid } from "./class-counts.js";
import { dataFingerprint } from "./data-fingerprint.js";
import { type Beginning, createExperiment, type Experiment } from "./experiment.js";
import { initialNetwork } from "./initial-network.js";
import { MetricsLog } from "./metrics-log.js";
import { loadPretrained } from "./pretrained.js";
import { freshProgress, type Progress } from "./progress.js";
import { type RunFolder, type RunRecord, runRecordOf, writeRunRecord } from "./run-folder.js";
import { lockRun } from "./run-lock.js";
import { restoreTraining } from "./training-state.js";

/** All that {@link trainRun} needs, ready to go; the owner closes the experiment. */
export type StartedRun = {
  readonly experiment: Experiment;
  readonly folder: RunFolder;
  readonly log: MetricsLog;
  readonly progress: Progress;
  readonly trainCounts: ClassCounts;
  /** What looks wrong in the labels that are trained on. */
  readonly suspicions: readonly Suspicion[];
};

/** Where and how a new run begins. */
export type StartOrder = {
  readonly folder: RunFolder;
  readonly preset: string | undefined;
  readonly environment: RunRecord["environment"];
  /** Told how many labels were counted of all. */
  readonly onExamples?: (done: number, total: number) => void;
  /** The others that begin with this process; rank 0 alone writes into the folder. */
  readonly ranks?: RankGroup | undefined;
};

/**
 * Begins a new run: opens the data, builds the network, writes `config.json`.
 *
 * @throws FileError or DataFormatError if the data set is not there or not sound, or a split is void only; OptionError if
 * another run writes to the folder. Nothing is written then.
 */
export function startRun(resolved: ResolvedConfig, order: StartOrder): Promise<StartedRun> {
  return locked(order, () => begin(resolved, order));
}

async function begin(
  resolved: ResolvedConfig,
  { folder, preset, environment, onExamples, ranks }: StartOrder,
): Promise<StartedRun> {
  const { pretrained, initFrom } = resolved.config;
  const loadBackbone = async (model: SegmentationModel) =>
    pretrained !== null && loadPretrained(pretrained, model);
  const beginning =
    initFrom === null ? { initialise: loadBackbone } : await initialNetwork(initFrom, resolved);
  const experiment = await createExperiment(resolved.config, beginning);
  try {
    const { batchSize, evalBatchSize, limitBatches } = resolved.config;
    const limited = (size: number) => (limitBatches === null ? {} : { limit: limitBatches * size });
    const { dataset } = experiment.trainLoader;
    await ranks?.agree("data", await dataFingerprint(experiment));
    const trainCounts = await classCounts(dataset, {
      ...limited(batchSize),
      ranks,
      ...(onExamples === undefined ? {} : { onExamples }),
    });
    if (trainCounts.pixels.every((count) => count === 0)) throw onlyVoid(dataset);
    await checkLabelled(experiment.evalLoader.dataset, limited(evalBatchSize));
    const suspicions = classSuspicions(dataset, trainCounts);
    const { model } = experiment;
    if (isWriter(ranks)) await writeRunRecord(folder, runRecordOf(resolved, { model, preset, environment }));
    const log = await openLog(folder, { lines: 0, ranks });
    return { experiment, folder, log, progress: freshProgress(), trainCounts, suspicions };
  } catch (error) {
    await experiment[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Goes on where the last checkpoint of a folder was made.
 *
 * @throws FileError, DataFormatError or ShapeError if the checkpoint is not there, not sound, or of another network;
 * OptionError if another run writes to the folder
 */
export function resumeRun(
  resolved: ResolvedConfig,
  folder: RunFolder,
  ranks?: RankGroup,
): Promise<StartedRun> {
  return locked({ folder, ranks }, () => goOn(resolved, folder, ranks));
}

async function goOn(
  resolved: ResolvedConfig,
  folder: RunFolder,
  ranks: RankGroup | undefined,
): Promise<StartedRun> {
  const beginning = resolved.config.initFrom === null ? {} : await continuedNetwork(folder);
  const experiment = await createExperiment(resolved.config, beginning);
  try {
    const { progress, trainCounts } = await restoreTraining(folder.last, experiment);
    const { epoch, step, updates } = progress;
    // Nobody goes on before all have read.
    await ranks?.agree("data", {
      ...(await dataFingerprint(experiment)),
      checkpoint: { epoch, step, updates },
    });
    const log = await openLog(folder, { lines: progress.metricsLines, ranks });
    return { experiment, folder, log, progress, trainCounts, suspicions: [] };
  } catch (error) {
    await experiment[Symbol.asyncDispose]();
    throw error;
  }
}

/** The network of a run that began with another run's: only its own checkpoints know it. */
async function continuedNetwork(folder: RunFolder): Promise<Beginning> {
  const { model: modelConfig } = await readTrainedMeta(folder.last);
  return { modelConfig };
}

async function openLog(
  folder: RunFolder,
  { lines, ranks }: { readonly lines: number; readonly ranks: RankGroup | undefined },
): Promise<MetricsLog> {
  return isWriter(ranks)
    ? await MetricsLog.open(folder.metrics, lines)
    : MetricsLog.counting(folder.metrics, lines);
}

/** A run that holds its folder's lock until its experiment is closed; of several ranks the first one does. */
async function locked(
  { folder, ranks }: Pick<StartOrder, "folder" | "ranks">,
  start: () => Promise<StartedRun>,
): Promise<StartedRun> {
  if (!isWriter(ranks)) return await start();
  const lock = await lockRun(folder);
  try {
    const run = await start();
    const { experiment } = run;
    const close = async () => {
      await experiment[Symbol.asyncDispose]();
      await lock[Symbol.asyncDispose]();
    };
    return { ...run, experiment: { ...experiment, [Symbol.asyncDispose]: close } };
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}
