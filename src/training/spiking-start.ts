/**
 * Training that begins with ReLU and lets neurons spike later: the first part of the schedule is an ANN's, and the thresholds
 * of the second come from its activations.
 */
import type { Config } from "../config/index.js";
import { ActivationHistogram } from "../conversion/index.js";
import { copyInto, full, noGrad, scope } from "../engine/index.js";
import { DivergenceError } from "../errors.js";
import { companion, type ForwardObserver, type SegmentationModel, SnnModel } from "../models/index.js";
import { derive } from "../random/index.js";
import { encodeInput } from "./encode-input.js";
import type { Experiment } from "./experiment.js";

/** The share of a layer's activations that its D levels reach. */
const reached = 0.99;

/** Batches that thresholds are found on. */
const calibrationBatches = 8;

/** The epoch, from 0, from which on neurons spike, at the latest the last; `undefined` where they do from the beginning. */
export function firstSpikingEpoch({
  spikingFrom,
  epochs,
}: Pick<Config, "spikingFrom" | "epochs">): number | undefined {
  return spikingFrom === null ? undefined : Math.min(epochs - 1, Math.ceil(spikingFrom * epochs));
}

/**
 * Puts a network into the phase of an epoch. Where neurons begin to spike, every layer's threshold becomes
 *
 *     ϑ = q/D,  q: 99 % of the layer's activations on eight batches lie below
 *
 * @param at - epoch and step that come next, from 0
 * @returns whether neurons began to spike just now
 * @throws DivergenceError if a layer has no activation above 0
 */
export async function enterPhase(
  experiment: Experiment,
  { epoch, step }: { readonly epoch: number; readonly step: number },
): Promise<boolean> {
  const { config, model, average } = experiment;
  const first = firstSpikingEpoch(config);
  if (first === undefined || !(model instanceof SnnModel)) return false;
  const begins = epoch === first && step === 0;
  if (begins) {
    model.setSpiking(false);
    const thresholds = await activationThresholds(experiment, model);
    for (const [name, { threshold, levels }] of model.spikingLayers()) {
      // In place: the optimizer and the average of the weights know these tensors.
      const averaged = average?.averages().get(`${companion("lif", name)}.threshold`);
      const value = thresholds.get(name)! / levels;
      scope("threshold", () =>
        noGrad(() => {
          const found = full([1], value, { device: config.device });
          for (const each of [threshold, ...(averaged ? [averaged] : [])]) copyInto(each, found);
        }),
      );
    }
  }
  model.setSpiking(epoch >= first);
  return begins;
}

/** What so many of each layer's activations lie below. */
async function activationThresholds(
  { config, trainLoader }: Experiment,
  model: SegmentationModel,
): Promise<Map<string, number>> {
  const histograms = new Map<string, ActivationHistogram>();
  const fired: ForwardObserver["fired"] = (name, { spikes }) => {
    const histogram = histograms.get(name) ?? new ActivationHistogram();
    histograms.set(name, histogram);
    histogram.add(spikes.toFloat32Array());
  };
  model.setTraining(false);
  let seen = 0;
  for await (const batch of trainLoader.batches(0)) {
    if (seen === calibrationBatches) break;
    const first = seen * config.batchSize;
    const seedOf = (n: number) => derive(config.seed, "thresholds", first + n);
    scope("calibrate", () => {
      noGrad(() => model.forward(encodeInput(batch, config, seedOf), { observer: { fired } }));
    });
    seen += 1;
  }
  return new Map([...histograms].map(([name, histogram]) => [name, positive(name, histogram)]));
}

function positive(layer: string, histogram: ActivationHistogram): number {
  const quantile = histogram.quantile(reached);
  const value = quantile > 0 ? quantile : histogram.max;
  if (value > 0) return value;
  throw new DivergenceError(
    `train: expected activations above 0 in layer ${layer} when its neurons begin to spike, received none; ` +
      "train with a lower --lr, or let --spiking-from begin later",
  );
}
