/** What conversion did to each layer: the ANN's activations, the threshold, what it clips, how often neurons fire. */

import { SpikeCounts } from "../activity/index.js";
import { runFrames, SpikingState } from "../models/index.js";
import { type CalibrationBatch, deviceOfBatches } from "./calibration-batch.js";
import { collectActivations } from "./collect-activations.js";
import { annModel, type Conversion } from "./convert-ann.js";
import { inEvaluation } from "./in-evaluation.js";

/** One converted layer on the calibration batches. */
export interface LayerReport {
  /** Name of the spiking layer, such as `features.0`. */
  readonly name: string;
  /** Of the ANN, in its own units; values below 0 count as 0. */
  readonly activation: {
    /** Of max(0, x). */
    readonly mean: number;
    /** Half of the values lie below. */
    readonly median: number;
    /** 99 % of the values lie below. */
    readonly p99: number;
    /** 99.9 % of the values lie below. */
    readonly p999: number;
    /** Largest value. */
    readonly max: number;
    /** Share above 0. */
    readonly active: number;
  };
  /** What a spike is worth in the ANN's units, over the channels. */
  readonly threshold: {
    /** Smallest. */
    readonly min: number;
    /** Mean. */
    readonly mean: number;
    /** Largest. */
    readonly max: number;
  };
  /** Share of the activations above their threshold. */
  readonly clipped: number;
  /** Spikes per neuron and timestep that would stand for the ANN's mean activation. */
  readonly expectedRate: number;
  /** Spikes per neuron and timestep on the calibration batches. */
  readonly spikeRate: number;
  /** Of the layer's output. */
  readonly channels: number;
  /** Channels that were never active in the ANN. */
  readonly deadChannels: number;
}

/**
 * Describes every converted layer with the calibration batches.
 *
 * @param conversion - of {@link convertAnn}
 * @param batches - those that it was calibrated with
 * @example
 * import { createModel, keep } from "snnseg";
 * import { convertAnn, layerReport } from "snnseg/conversion";
 * import { directFrames } from "snnseg/models";
 * import { readState } from "snnseg/nn";
 * import { rand } from "snnseg/ops";
 *
 * const ann = createModel({ kind: "ann", arch: "dl-vgg9", inputChannels: 3, numClasses: 2 });
 * const images = keep(rand([1, 3, 16, 16], 0));
 * const batches = [{ images, frames: directFrames(images) }];
 * const network = { config: ann.config, state: readState(ann) };
 * const conversion = convertAnn(network, batches, { method: "initial", type: "layer", timesteps: 4 });
 * for (const { name, clipped, spikeRate } of layerReport(conversion, batches)) console.log(name, clipped, spikeRate);
 * for (const owner of [conversion.model, images, ann]) owner.dispose();
 */
export function layerReport(
  { model, folded, worth }: Pick<Conversion, "model" | "folded" | "worth">,
  batches: readonly CalibrationBatch[],
): LayerReport[] {
  using ann = annModel(folded, deviceOfBatches(batches));
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
