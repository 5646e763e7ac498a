/** How far a training run is. */
import { type SavedSpikeCounts, SpikeCounts } from "../activity/index.js";
import type { EvaluationResult } from "./records.js";

/** Plain data, in checkpoints under `progress`. */
export type Progress = {
  /** Epochs done. */
  epoch: number;
  /** Steps done of the next epoch. */
  step: number;
  /** Σ loss · examples over these steps, without batches that were void as a whole. */
  lossSum: number;
  /** Examples of these batches. */
  examples: number;
  /** Spikes during these steps. */
  spikes: SavedSpikeCounts;
  /** Updates of the optimizer. */
  updates: number;
  /** Lines of `metrics.jsonl` written before. */
  metricsLines: number;
  /** The evaluation of the highest mean IoU; `null` before the first. */
  best: EvaluationResult | null;
  /** The last evaluation; `null` before the first. */
  latest: EvaluationResult | null;
};

/** The state before the first step. */
export function freshProgress(): Progress {
  return {
    epoch: 0,
    step: 0,
    lossSum: 0,
    examples: 0,
    spikes: new SpikeCounts().toJSON(),
    updates: 0,
    metricsLines: 0,
    best: null,
    latest: null,
  };
}
