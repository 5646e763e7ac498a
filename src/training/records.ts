/** The lines of a run's `metrics.jsonl`. All but `time` is the same for the same seed, interrupted or not. */
import type { Scores } from "../metrics/index.js";

/** How long something took, in this process. */
export type TimeRecord = {
  /** Wall-clock time. */
  readonly seconds: number;
  /** Examples per second of it. */
  readonly imagesPerSecond: number;
  /** Share of the time that was spent waiting for data. */
  readonly waitingShare: number;
};

/** One epoch of training. */
export type EpochRecord = {
  /** Tells it from an evaluation. */
  readonly kind: "epoch";
  /** From 1. */
  readonly epoch: number;
  /** Mean loss over the examples of its batches, each with that of its batch. */
  readonly loss: number;
  /** Learning rate of its last step. */
  readonly lr: number;
  /** Updates, one a batch. */
  readonly steps: number;
  /** Examples trained on: not those of batches that were void as a whole. */
  readonly examples: number;
  /** Spikes per neuron and example over all timesteps, by layer; empty for an ANN. */
  readonly rates: Readonly<Record<string, number>>;
  /** Spiking layers of which no neuron fired. */
  readonly silentLayers: readonly string[];
  /** How long training took, without evaluation. */
  readonly time: TimeRecord;
};

/** What an evaluation found. */
export type EvaluationResult = Scores & {
  /** Epochs trained before. */
  readonly epoch: number;
  /** Name of the split that was scored. */
  readonly split: string;
  /** Examples scored. */
  readonly examples: number;
  /** Mean cross-entropy over all pixels that are not void. */
  readonly loss: number;
  /** Of the majority-class baseline: the training split's commonest class everywhere. */
  readonly baselineMeanIoU: number;
  /** Of the same baseline. */
  readonly baselinePixelAccuracy: number;
  /** Spikes per neuron and example over all timesteps, by layer; empty for an ANN. */
  readonly rates: Readonly<Record<string, number>>;
  /** Spiking layers of which no neuron fired. */
  readonly silentLayers: readonly string[];
  /** The class of all predicted pixels, where it is one and the truth has others. */
  readonly constantClass: number | null;
};

/** One evaluation. */
export type EvaluationRecord = EvaluationResult & {
  /** Tells it from an epoch. */
  readonly kind: "evaluation";
  /** How long it took. */
  readonly time: TimeRecord;
};

/** One line of `metrics.jsonl`. */
export type MetricsRecord = EpochRecord | EvaluationRecord;
