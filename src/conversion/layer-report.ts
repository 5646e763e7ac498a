/** What conversion did to each layer: the ANN's activations, the threshold, what it clips, how often neurons fire. */

import { SpikeCounts } from "../activity/index.js";
import { runFrames, SpikingState } from "../models/index.js";
import type { CalibrationBatch } from "./calibration-batch.js";
import { collectActivations } from "./collect-activations.js";
import { annModel, type Conversion } from "./convert-ann.js";
import { inEvaluation } from "./in-evaluation.js";

export interface LayerReport {
  readonly name: string;
  /** Of the ANN, in its own units; values below 0 count as 0. */
  readonly activation: {
    readonly mean: number;
    readonly median: number;
    readonly p99: number;
    readonly p999: number;
    readonly max: number;
    /** Share above 0. */
    readonly active: number;
  };
  /** What a spike is worth in the ANN's units: smallest, mean and largest over the channels. */
  readonly threshold: { readonly min: number; readonly mean: number; readonly max: number };
  /** Share of the activations above their threshold. */
  readonly clipped: number;
  /** Spikes per neuron and timestep that would stand for the ANN's mean activation. */
  readonly expectedRate: number;
  /** Spikes per neuron and timestep on the calibration batches. */
  readonly spikeRate: number;
  readonly channels: number;
  /** Channels that were never active in the ANN. */
  readonly deadChannels: number;
}

/** Describes every converted layer with the calibration batches. */
export function layerReport(
  { model, folded, worth }: Pick<Conversion, "model" | "folded" | "worth">,
  batches: readonly CalibrationBatch[],
): LayerReport[] {
  using ann = annModel(folded);
  const images = batches.map((batch) => batch.images);
  const whole = collectActivations(ann, images, { perChannel: false });
  const byChannel = collectActivations(ann, images, { perChannel: true });
  const rates = spikeRates(model, batches);
  return [...model.spikingLayers().keys()].map((name) => {
    const [layer] = whole.get(name)!;
    const channels = byChannel.get(name)!;
    const thresholds = worth.get(name)!;
    const clipped = channels.map((channel, c) => channel.shareAbove(thresholds[c]!));
    const expected = channels.map((channel, c) => channel.mean / thresholds[c]!).filter(Number.isFinite);
    return {
      name,
      activation: {
        mean: layer!.mean,
        median: layer!.quantile(0.5),
        p99: layer!.quantile(0.99),
        p999: layer!.quantile(0.999),
        max: layer!.max,
        active: layer!.shareAbove(0),
      },
      threshold: {
        min: thresholds.reduce((a, b) => Math.min(a, b)),
        mean: mean([...thresholds]),
        max: thresholds.reduce((a, b) => Math.max(a, b)),
      },
      clipped: mean(clipped),
      expectedRate: mean(expected),
      spikeRate: rates[name]!,
      channels: channels.length,
      deadChannels: channels.filter((channel) => channel.max === 0).length,
    };
  });
}

/** Spikes per neuron and timestep, by layer. */
function spikeRates(
  model: Conversion["model"],
  batches: readonly CalibrationBatch[],
): Record<string, number> {
  const counts = new SpikeCounts();
  const { timesteps } = model.config;
  inEvaluation(model, () => {
    for (const { frames, images } of batches) {
      using state = new SpikingState();
      counts.add(runFrames(model, frames, { state, timesteps }), images.shape[0]!);
    }
  });
  return counts.perTimestep();
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, x) => sum + x, 0) / values.length;
}
