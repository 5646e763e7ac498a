/** A whole training run: epochs, evaluations, checkpoints; from the start or from where an earlier process stopped. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { SpikeCounts } from "../activity/index.js";
import { isShared, isWriter, type RankGroup, trainingPart } from "../distributed/index.js";
import type { Tensor } from "../engine/index.js";
import { DivergenceError } from "../errors.js";
import { SpikeRatePenalty } from "../neurons/index.js";
import { derive } from "../random/index.js";
import type { ClassCounts } from "./class-counts.js";
import { encodeInput } from "./encode-input.js";
import { EvaluationStopped, evaluate, resultOf } from "./evaluate.js";
import type { Experiment } from "./experiment.js";
import type { MetricsLog } from "./metrics-log.js";
import { isPatienceOver } from "./patience.js";
import type { Progress } from "./progress.js";
import type { EpochRecord, EvaluationRecord } from "./records.js";
import type { RunFolder } from "./run-folder.js";
import { SegmentationLoss } from "./segmentation-loss.js";
import { enterPhase, firstSpikingEpoch } from "./spiking-start.js";
import { Stopwatch } from "./stopwatch.js";
import { nothingLearnt, trainStep } from "./train-step.js";
import { saveTraining, saveWeights } from "./training-state.js";

/** What a run tells while it goes on. */
export interface TrainingObserver {
  /**
   * An epoch begins, or goes on where an earlier process stopped.
   *
   * @param epoch - from 1
   * @param plan - steps of the epoch, and how many of them are done already
   */
  epochStarted?(epoch: number, plan: { readonly steps: number; readonly done: number }): void;
  /** Neurons begin to spike where ReLUs were trained before. @param epoch - the first of a spiking network, from 1 */
  spikingBegan?(epoch: number): void;
  /** A batch was trained on. @param step - its loss, whether there was something to learn from, and how many images it had */
  stepDone?(step: { readonly loss: number; readonly learnt: boolean; readonly images: number }): void;
  /** All steps of an epoch are done. @param record - as `metrics.jsonl` holds it */
  epochDone?(record: EpochRecord): void;
  /**
   * An evaluation begins.
   *
   * @param epoch - after which, from 1
   * @param plan - batches to score
   */
  evaluationStarted?(epoch: number, plan: { readonly steps: number }): void;
  /** A batch was scored. @param images - how many it had */
  batchEvaluated?(images: number): void;
  /**
   * An evaluation is over.
   *
   * @param record - as `metrics.jsonl` holds it
   * @param isBest - whether its mean IoU is the highest so far, so that its weights are kept as the best
   */
  evaluated?(record: EvaluationRecord, isBest: boolean): void;
}

export type TrainingSetup = {
  readonly experiment: Experiment;
  readonly folder: RunFolder;
  readonly log: MetricsLog;
  /** Where to begin; changed as the run goes on. */
  readonly progress: Progress;
  /** How often classes occur in the training split. */
  readonly trainCounts: ClassCounts;
  /** Ends the run after the step in flight, saved. */
  readonly signal?: AbortSignal;
  readonly observer?: TrainingObserver;
  /** The others that train the same network on other parts of the batches; rank 0 alone writes files. */
  readonly ranks?: RankGroup | undefined;
};

/** How a run ended. */
export type TrainingOutcome = { readonly finished: boolean; readonly progress: Readonly<Progress> };

/**
 * Trains to the end, or until `signal` aborts.
 *
 * @throws DivergenceError if the loss is no longer finite; the last checkpoint stays as it was
 */
export async function trainRun(setup: TrainingSetup): Promise<TrainingOutcome> {
  const { experiment, folder, progress, trainCounts, ranks } = setup;
  const save = async () => {
    if (isWriter(ranks)) await saveTraining(folder.last, experiment, { trainCounts, progress });
  };
  ranks?.broadcast(stateOf(experiment));
  ranks?.reduceGradients([
    ...experiment.model.parameters().values(),
    ...(experiment.auxiliary?.parameters().values() ?? []),
  ]);
  const { config } = experiment;
  // ReLUs that no longer improve are not the end of a run whose neurons are yet to spike.
  const over = () => progress.epoch > (firstSpikingEpoch(config) ?? -1) && isPatienceOver(progress, config);
  while (progress.epoch < config.epochs && !over()) {
    const clock = new Stopwatch();
    // What ReLUs scored is no spiking network's result.
    if (await enterPhase(experiment, progress)) {
      progress.best = null;
      ranks?.broadcast(stateOf(experiment));
      setup.observer?.spikingBegan?.(progress.epoch + 1);
    }
    const stopped = await trainEpoch(setup, { save, clock });
    const finished = !stopped && (await finishEpoch(setup, clock));
    await save();
    if (!finished) return { finished: false, progress };
  }
  return { finished: true, progress };
}

/** All that training changes, but for the optimizer's moments, which follow from the gradients. */
function stateOf({ model, auxiliary, average, optimizer }: Experiment): Tensor[] {
  const parts = [model.state(), auxiliary?.state(), average?.averages(), optimizer.state()];
  return parts.flatMap((tensors) => [...(tensors?.values() ?? [])]);
}

/**
 * The steps of an epoch that are still to do.
 *
 * @returns whether somebody asked to stop before the last
 */
async function trainEpoch(
  { experiment, folder, progress, trainCounts, signal, observer, ranks }: TrainingSetup,
  { save, clock }: { readonly save: () => Promise<void>; readonly clock: Stopwatch },
): Promise<boolean> {
  const { config, model, optimizer, auxiliary, average, trainLoader } = experiment;
  const { epoch } = progress;
  const { seed, batchSize, device, saveEvery, clipGradient, lossPerStep } = config;
  const steps = experiment.stepsPerEpoch;
  const spikes = SpikeCounts.from(progress.spikes);
  const { rateTarget: target, rateWeight: weight } = config;
  using loss = new SegmentationLoss(config, trainCounts);
  using penalty = target === null ? undefined : new SpikeRatePenalty({ target, weight });
  model.setTraining(true);
  observer?.epochStarted?.(epoch + 1, { steps, done: progress.step });
  const statistics = config.syncNorm ? [] : [...model.buffers().values()];
  const part = ranks === undefined ? {} : { part: (count: number) => trainingPart(count, ranks) };
  let stopped = signal?.aborted ?? false;
  for await (const batch of trainLoader.batches(epoch, { start: progress.step, ...part })) {
    if (progress.step >= steps) break;
    const begin = progress.step * batchSize;
    const images = Math.min(batchSize, trainLoader.dataset.length - begin);
    const weight = ranks === undefined ? 1 : loss.weightOf(batch.labels);
    // Ranks stop together.
    const own = [signal?.aborted ? 1 : 0, weight];
    const [asked, total] = ranks?.sum(own) ?? own;
    stopped = asked! > 0;
    if (stopped) break;
    // Where each rank has the whole batch, its own statistics are the batch's.
    if (config.syncNorm) ranks?.synchroniseNorms(isShared(images, ranks));
    const first = begin + (ranks === undefined ? 0 : trainingPart(images, ranks)[0]);
    optimizer.lr = experiment.learningRate(epoch, progress.step);
    const encode = () => encodeInput(batch, config, (n) => derive(seed, "train", epoch, first + n));
    const stepRanks = ranks && {
      group: ranks,
      share: weight / total!,
      counts: isShared(images, ranks) || ranks.isFirst,
      statistics,
    };
    const result =
      total === 0
        ? nothingLearnt
        : trainStep(batch, {
            ranks: stepRanks,
            model,
            optimizer,
            lossOf: (logits, labels) => loss.of(logits, labels),
            encode,
            device,
            penalty,
            auxiliary,
            average,
            clipGradient,
            lossPerStep,
          });
    if (!Number.isFinite(result.loss))
      throw divergence(result.loss, { epoch, step: progress.step, lr: optimizer.lr, folder });
    progress.step += 1;
    if (result.learnt) {
      progress.lossSum += result.loss * images;
      progress.examples += images;
      spikes.add(result.activity, images);
    }
    clock.images += images;
    observer?.stepDone?.({ loss: result.loss, learnt: result.learnt, images });
    if (saveEvery > 0 && progress.step % saveEvery === 0 && progress.step < steps) {
      progress.spikes = spikes.toJSON();
      await save();
    }
    // Steps are synchronous: let worker threads deliver their batches, and Ctrl-C arrive.
    await nextTurn();
  }
  progress.spikes = spikes.toJSON();
  clock.waitingShare = trainLoader.waitingShare();
  const asked = signal?.aborted ?? false;
  return stopped || (ranks?.any(asked) ?? asked);
}

/**
 * Writes the epoch's line, evaluates when it is time, and moves on to the next epoch.
 *
 * @returns false if the evaluation was broken off; the progress then still says that the epoch's end is to do
 */
async function finishEpoch(setup: TrainingSetup, clock: Stopwatch): Promise<boolean> {
  const { experiment, log, progress, signal, observer } = setup;
  const { epochs, evalEvery } = experiment.config;
  const spikes = SpikeCounts.from(progress.spikes);
  const epoch = progress.epoch + 1;
  const record: EpochRecord = {
    kind: "epoch",
    epoch,
    loss: progress.lossSum / Math.max(1, progress.examples),
    lr: experiment.learningRate(progress.epoch, Math.max(0, progress.step - 1)),
    steps: progress.step,
    examples: progress.examples,
    rates: spikes.perExample(),
    silentLayers: spikes.silentLayers(),
    time: clock.record(),
  };
  await log.append(record);
  observer?.epochDone?.(record);
  if (epoch % evalEvery === 0 || epoch === epochs) {
    try {
      await evaluateEpoch(setup, epoch);
    } catch (error) {
      if (error instanceof EvaluationStopped || (signal?.aborted && error === signal.reason)) return false;
      throw error;
    }
  }
  const spent = { epoch, step: 0, lossSum: 0, examples: 0, spikes: new SpikeCounts().toJSON() };
  Object.assign(progress, spent, { metricsLines: log.lines });
  return true;
}

async function evaluateEpoch(setup: TrainingSetup, epoch: number): Promise<void> {
  const { experiment } = setup;
  // The averaged weights are what is scored and kept; training goes on with its own.
  experiment.average?.swap();
  try {
    await scoreEpoch(setup, epoch);
  } finally {
    experiment.average?.swap();
  }
}

async function scoreEpoch(
  { experiment, folder, log, progress, trainCounts, signal, observer, ranks }: TrainingSetup,
  epoch: number,
): Promise<void> {
  const { config, evalLoader } = experiment;
  const clock = new Stopwatch();
  const steps = Math.min(evalLoader.batchCount, config.limitBatches ?? Number.POSITIVE_INFINITY);
  observer?.evaluationStarted?.(epoch, { steps });
  const evaluation = await evaluate(experiment.model, evalLoader, {
    input: config,
    seed: config.seed,
    limitBatches: config.limitBatches,
    trainPixels: trainCounts.pixels,
    signal,
    ranks,
    onBatch: (images) => {
      clock.images += images;
      observer?.batchEvaluated?.(images);
    },
  });
  clock.waitingShare = evalLoader.waitingShare();
  const result = resultOf(evaluation, { epoch, split: evalLoader.dataset.split });
  const isBest = progress.best === null || result.meanIoU > progress.best.meanIoU;
  const record: EvaluationRecord = { kind: "evaluation", ...result, time: clock.record() };
  await log.append(record);
  if (isBest && isWriter(ranks)) await saveWeights(folder.best, experiment, { trainCounts, scores: result });
  progress.latest = result;
  if (isBest) progress.best = result;
  observer?.evaluated?.(record, isBest);
}

function divergence(
  loss: number,
  { epoch, step, lr, folder }: { epoch: number; step: number; lr: number; folder: RunFolder },
): DivergenceError {
  const kept = folder.hasCheckpoint ? `${folder.last} keeps the last good state` : "nothing was saved yet";
  return new DivergenceError(
    `train: expected a finite loss, received ${loss} in epoch ${epoch + 1}, step ${step + 1}, at learning rate ${lr}; ` +
      `${kept}, start again with a lower --lr`,
  );
}
