/** A training from its options to its report. */
import { resolve } from "node:path";
import type { ResolvedConfig } from "../../config/index.js";
import type { Suspicion } from "../../datasets/index.js";
import {
  checkShares,
  isWriter,
  type RankEnvironment,
  type RankGroup,
  rankGpu,
  withRanks,
} from "../../distributed/index.js";
import { chooseGpu, countGpus } from "../../engine/index.js";
import { prepareEngine } from "../../environment/index.js";
import {
  checkFresh,
  chosenExamples,
  type EvaluationResult,
  freshRunPath,
  type Progress,
  RunFolder,
  type RunRecord,
  resumeRun,
  type StartedRun,
  startRun,
  type TrainingObserver,
  trainRun,
} from "../../training/index.js";
import { type Listener, stageOf } from "../listener.js";
import { Tracking } from "../tracking.js";
import { writeResults } from "../write-results.js";
import { rankIdentity } from "./rank-identity.js";
import { trainingWarnings } from "./training-warnings.js";

/**
 * What to train, and how to begin in the configuration's folder: anew where no run is, anew over a run that was killed
 * before its first full checkpoint, or where a run stopped.
 */
export type TrainingOrder = ResolvedConfig & {
  readonly preset: string | undefined;
  readonly begin: "fresh" | "restart" | "resume";
};

export interface TrainNetworkOptions {
  /** Asked for when all is open; stops after the step under way, with a checkpoint to go on from. */
  readonly signal?: () => AbortSignal | undefined;
  /** Called before the first step; gives who watches. */
  readonly observe?: (run: StartedRun) => TrainingObserver;
  readonly listener?: Listener;
  /** This process's place among several that train together (default: it is alone). */
  readonly ranks?: RankOptions | undefined;
}

/** A process's place among the ranks of a training. */
export interface RankOptions {
  /** As `rankEnvironment` reads it. */
  readonly place: RankEnvironment;
  /** Seconds that ranks wait for each other (default: 20 at the start, 300 later). */
  readonly timeout?: number | undefined;
}

/** How a training ended. */
export interface TrainedNetwork {
  /** Where its files lie. */
  readonly folder: RunFolder;
  /** False where `signal` stopped it. */
  readonly finished: boolean;
  /** How far it came. */
  readonly progress: Readonly<Progress>;
  /** The best evaluation, whose checkpoint `folder.best` is. */
  readonly best: EvaluationResult | null;
  /** Path of the picture of examples, where it finished. */
  readonly picture: string | undefined;
  /** Path of `report.html`, where it finished. */
  readonly report: string | undefined;
  /** What looks wrong in the labels that were trained on. */
  readonly suspicions: readonly Suspicion[];
  /** Of this process, from the opening of the data to the end of training. */
  readonly seconds: number;
}

const wordAfterMs = 2000;

/**
 * Trains to the end or until stopped, keeps checkpoints, and writes pictures and report.
 *
 * @throws as `startRun`, `resumeRun` and `trainRun`
 */
export async function trainNetwork(
  order: TrainingOrder,
  options: TrainNetworkOptions = {},
): Promise<TrainedNetwork> {
  const { place, timeout } = options.ranks ?? {};
  if (place !== undefined) checkShares(order.config.batchSize, place.world);
  const gpu = place && rankGpu(order.config.device, place, countGpus());
  if (gpu !== undefined) chooseGpu(gpu);
  const sharing = place?.hasOwnCores ? 1 : (place?.localWorld ?? 1);
  const environment = prepareEngine({ ...order.config, processes: sharing });
  if (place === undefined) return await trainHere(order, { ...options, environment });
  const identity = rankIdentity(order);
  return await withRanks(place, { timeout, device: order.config.device, identity }, (group) =>
    trainHere(order, {
      ...(group.isFirst ? options : { signal: options.signal }),
      environment: { ...environment, ranks: group.world },
      group,
    }),
  );
}

/** The part of one process. */
async function trainHere(
  order: TrainingOrder,
  {
    signal,
    observe = () => ({}),
    listener = {},
    environment,
    group,
  }: Omit<TrainNetworkOptions, "signal"> & {
    readonly signal?: TrainNetworkOptions["signal"] | undefined;
    readonly environment: RunRecord["environment"];
    readonly group?: RankGroup;
  },
): Promise<TrainedNetwork> {
  const { config, preset } = order;
  const writes = isWriter(group);
  const path = config.run ?? freshRunPath(`${config.dataset}-${config.model}-${config.arch}`);
  const folder = new RunFolder(group?.fromFirst(resolve(path)) ?? path);
  if (order.begin === "fresh" && writes) await checkFresh(folder);
  const began = performance.now();
  const onExamples = countingStage(listener);
  const opening =
    order.begin === "resume"
      ? resumeRun(order, folder, group)
      : startRun(order, { folder, preset, environment, onExamples, ranks: group });
  const run = await (config.dataset === "events" ? withWordOfReading(opening, listener) : opening);
  const { experiment, progress, suspicions } = run;
  try {
    const observer = observe(run);
    for (const { message } of suspicions) listener.warn?.(message);
    checkExamples(run);
    if (writes) for await (const warning of trainingWarnings(run)) listener.warn?.(warning);
    await using tracking = writes ? await Tracking.open(run) : undefined;
    const watched = tracking?.beside(observer) ?? observer;
    const aborted = signal?.();
    const stopping = aborted === undefined ? {} : { signal: aborted };
    const { finished } = await trainRun({ ...run, ...stopping, observer: watched, ranks: group });
    const { best } = progress;
    const seconds = (performance.now() - began) / 1000;
    const ended = { folder, progress, best, suspicions, seconds };
    if (!finished || best === null || !writes)
      return { ...ended, finished: finished && best !== null, picture: undefined, report: undefined };
    const { picture, report } = await writeResults(experiment, {
      folder,
      resolved: order,
      best,
      environment,
    });
    if (picture !== undefined) await tracking?.picture(picture, best.epoch);
    return { ...ended, finished: true, picture, report };
  } finally {
    await experiment[Symbol.asyncDispose]();
  }
}

/** Recordings are read from start to end when they are first opened: said where that takes a while. */
async function withWordOfReading<T>(opening: Promise<T>, listener: Listener): Promise<T> {
  const word = setTimeout(() => {
    listener.note?.("reading the recordings from start to end, this once");
  }, wordAfterMs);
  return await opening.finally(() => clearTimeout(word));
}

/** Counting labels takes a while on large data sets. */
function countingStage(listener: Listener): (done: number, total: number) => void {
  let stage: ReturnType<typeof stageOf> | undefined;
  let before = 0;
  return (done, total) => {
    stage ??= stageOf(listener, { label: "counting class pixels", total, unit: "images" });
    stage.itemsDone(done - before);
    before = done;
    if (done === total) stage.end();
  };
}

/** Unknown ids are told before the training, not after it. */
function checkExamples({ experiment: { config, evalLoader } }: StartedRun): void {
  chosenExamples(evalLoader.dataset, { ids: config.examples, count: config.pictures });
}
