/** One pass over a split that collects all that reports show about a trained network. */

import {
  type NetworkOperations,
  OperationCounter,
  SpikeRecorder,
  type SpikeStatistics,
} from "../activity/index.js";
import type { Batch, Loader } from "../datasets/index.js";
import { scope } from "../engine/index.js";
import type { ImageCounts } from "../metrics/index.js";
import { type SegmentationModel, SnnModel } from "../models/index.js";
import {
  type Evaluation,
  encodeInput,
  evaluate,
  evaluationSeeds,
  type InputOptions,
} from "../training/index.js";
import { Anytime, type AnytimeCurve } from "./anytime.js";
import { bothObservers } from "./both-observers.js";
import { confidences } from "./confidences.js";
import { ImageScores, type Quality } from "./image-scores.js";

/** A trained network with the data it is looked at with. */
export interface TrainedNetwork {
  /** In evaluation mode. */
  readonly model: SegmentationModel;
  /** The split that it is looked at with; in order, without augmentation. */
  readonly loader: Loader;
  /** How examples are fed. */
  readonly input: InputOptions;
  /** Of Poisson spikes and of the bootstrap. */
  readonly seed: number;
  /** Batches to look at; `null` for all. */
  readonly limitBatches: number | null;
  /** Pixels per class of the training split. */
  readonly trainPixels: readonly number[];
}

export interface RunAnalysis {
  readonly evaluation: Evaluation;
  readonly quality: Quality;
  /** What every image adds to the confusion, in the split's order. */
  readonly imageCounts: readonly ImageCounts[];
  /** Per example, on this split. */
  readonly operations: NetworkOperations;
  /** Of a spiking network. */
  readonly spikes: SpikeStatistics | undefined;
  /** Of a spiking network, where asked for. */
  readonly anytime: AnytimeCurve | undefined;
}

export interface AnalyzeOptions {
  /** Also read out after every timestep, which takes another pass (default false). */
  readonly anytime?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onBatch?: (examples: number) => void;
  /** Called with every batch and its predictions `[N, H, W]`. */
  readonly onPrediction?: (batch: Batch, predictions: Uint8Array) => void;
}

/** Scores, intervals, operations and spikes of a network on a split. */
export async function analyzeRun(
  network: TrainedNetwork,
  { anytime: wanted = false, signal, onBatch, onPrediction }: AnalyzeOptions = {},
): Promise<RunAnalysis> {
  const { model, loader, input, seed, trainPixels, limitBatches } = network;
  const { dataset } = loader;
  const images = new ImageScores(dataset.classes.length);
  const counter = new OperationCounter(model.config, dataset.size);
  const spiking = model instanceof SnnModel ? model : undefined;
  using recorder = spiking && new SpikeRecorder(spiking);
  const anytime = wanted && spiking ? new Anytime(spiking) : undefined;
  let first = 0;
  const evaluation = await evaluate(model, loader, {
    ...{ input, seed, trainPixels, limitBatches, signal, onBatch, onPrediction },
    observer: bothObservers(counter, recorder),
    onLogits: (batch, logits, predictions) => {
      images.add(batch, predictions, confidences(logits));
      if (anytime)
        scope("anytime", () => anytime.add(batch, encodeInput(batch, input, evaluationSeeds(seed, first))));
      first += batch.ids.length;
    },
  });
  return {
    evaluation,
    quality: images.quality(seed),
    imageCounts: images.counts,
    operations: counter.operations(),
    spikes: recorder?.statistics(),
    anytime: anytime?.curve(),
  };
}
