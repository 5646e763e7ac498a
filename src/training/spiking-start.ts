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

/**
 * The share of a layer's activations that its D levels reach: 99 % of four, 99.75 % of eight. The finer the levels, the more an
 * activation beyond them costs beside one between them; for Gaussian and Laplacian values the least squares lie there, too
 * (Banner et al. 2019, arXiv:1810.05723).
 */
const reachedBy = (levels: number) => 1 - (0.4 / levels) ** 2;

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
 *     ϑ = q/D,  q: a share of 1 − (0.4/D)² of the layer's activations on eight batches lies below, 99 % for D = 4
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
    const activations = await activationHistograms(experiment, model);
    for (const [name, { threshold, levels }] of model.spikingLayers()) {
      // In place: the optimizer and the average of the weights know these tensors.
      const averaged = average?.averages().get(`${companion("lif", name)}.threshold`);
      const value = thresholdOf(name, activations.get(name)!, levels);
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

/** How large the activations of each layer are. */
async function activationHistograms(
  { config, trainLoader }: Experiment,
  model: SegmentationModel,
): Promise<Map<string, ActivationHistogram>> {
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
  return histograms;
}

function thresholdOf(layer: string, histogram: ActivationHistogram, levels: number): number {
  const quantile = histogram.quantile(reachedBy(levels));
  const range = quantile > 0 ? quantile : histogram.max;
  if (range > 0) return range / levels;
  throw new DivergenceError(
    `train: expected activations above 0 in layer ${layer} when its neurons begin to spike, received none; ` +
      "train with a lower --lr, or let --spiking-from begin later",
  );
}
