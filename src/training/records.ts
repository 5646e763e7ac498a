/** The lines of a run's `metrics.jsonl`. All but `time` is the same for the same seed, interrupted or not. */
import type { Scores } from "../metrics/index.js";

/** How long something took, in this process. */
export type TimeRecord = {
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** Share of the time that was spent waiting for data. */
  readonly waitingShare: number;
};

/** One epoch of training. */
export type EpochRecord = {
  readonly kind: "epoch";
  /** From 1. */
  readonly epoch: number;
  /** Mean loss over the epoch's examples. */
  readonly loss: number;
  readonly lr: number;
  readonly steps: number;
  readonly examples: number;
  /** Spikes per neuron and example over all timesteps, by layer; empty for an ANN. */
  readonly rates: Readonly<Record<string, number>>;
  readonly silentLayers: readonly string[];
  readonly time: TimeRecord;
};

/** What an evaluation found. */
export type EvaluationResult = Scores & {
  /** Epochs trained before. */
  readonly epoch: number;
  readonly split: string;
  readonly examples: number;
  readonly loss: number;
  /** Of the majority-class baseline: the training split's commonest class everywhere. */
  readonly baselineMeanIoU: number;
  readonly baselinePixelAccuracy: number;
  /** Spikes per neuron and example over all timesteps, by layer; empty for an ANN. */
  readonly rates: Readonly<Record<string, number>>;
  /** Spiking layers of which no neuron fired. */
  readonly silentLayers: readonly string[];
  /** The class of all predicted pixels, where it is one and the truth has others. */
  readonly constantClass: number | null;
};

export type EvaluationRecord = EvaluationResult & { readonly kind: "evaluation"; readonly time: TimeRecord };

export type MetricsRecord = EpochRecord | EvaluationRecord;
