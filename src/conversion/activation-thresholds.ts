/** Thresholds from the distribution of the ANN's activations. All are in the ANN's units: of `balanced` weights. */
import { ConversionError } from "../errors.js";
import type { ActivationHistogram } from "./activation-histogram.js";
import type { LayerActivations } from "./collect-activations.js";
import type { AnnNetwork } from "./fold-batch-norm.js";
import type { Threshold, Thresholds } from "./layer-thresholds.js";

type Activations = ReadonlyMap<string, LayerActivations>;

/**
 * The value below which `share` of a layer's or channel's activations lie: a few outliers then do not slow down all
 * others (Rueckauer et al. 2017, doi:10.3389/fnins.2017.00682). A share of 1 is the maximum.
 *
 * @throws ConversionError if a whole layer is never active
 */
export function percentileThresholds(activations: Activations, share: number): Thresholds {
  return chooseThresholds(activations, (histogram) => {
    const quantile = share === 1 ? histogram.max : histogram.quantile(share);
    // Most pixels of a rare channel are 0, and so is their percentile: its largest activation then has to do.
    return quantile > 0 ? quantile : histogram.max;
  });
}

/** Candidates of the grid search, as shares of the largest activation. */
const gridSize = 128;

/**
 * The thresholds whose rounded spike counts come nearest to the activations in the mean square:
 *
 *     ϑ = argmin Σ (x − ϑ/T · clip(⌊x·T/ϑ + 1/2⌋, 0, T))²
 *
 * Small T are better off with more clipping and finer steps. The half is the initial membrane ϑ/2.
 * Li, Deng, Dong, Gong & Gu 2021, arXiv:2106.06984.
 */
export function leastErrorThresholds(activations: Activations, timesteps: number): Thresholds {
  return chooseThresholds(activations, (histogram) => {
    let best = { threshold: histogram.max, error: Number.POSITIVE_INFINITY };
    for (let step = 1; step <= gridSize; step++) {
      const threshold = (histogram.max * step) / gridSize;
      const error = roundingError(histogram, threshold, timesteps);
      if (error < best.error) best = { threshold, error };
    }
    return best.threshold;
  });
}

function roundingError(histogram: ActivationHistogram, threshold: number, timesteps: number): number {
  let error = 0;
  histogram.forEachBin((x, count) => {
    const spikes = Math.min(timesteps, Math.floor((x * timesteps) / threshold + 0.5));
    error += count * (x - (spikes * threshold) / timesteps) ** 2;
  });
  return error;
}

/**
 * The bounds that a quantised ReLU has learnt (Bu et al. 2022, arXiv:2303.04347).
 *
 * @throws ConversionError if the ANN has none, or a bound fell to 0 or below
 */
export function learntThresholds({ config, state }: AnnNetwork): Thresholds {
  if (!config.activationLevels) {
    throw new ConversionError(
      "convert: expected an ANN with quantised ReLU for method qcfs, received one with plain ReLU; " +
        "train it with --activation-levels 8, or choose another method",
    );
  }
  const thresholds = new Map<string, Threshold>();
  for (const [name, { data }] of state) {
    if (!name.startsWith("act_") || !(data instanceof Float32Array)) continue;
    const layer = name.slice("act_".length).replace(/\.bound$/, "");
    if (!(data[0]! > 0)) {
      throw new ConversionError(
        `convert: expected learnt bounds above 0, received ${data[0]} in ${name}; train with a lower learning rate`,
      );
    }
    thresholds.set(layer, { shape: [1], data: Float32Array.from(data) });
  }
  return thresholds;
}

/** A dead channel takes the layer's largest threshold: it should not begin to fire at the first unseen activation. */
function chooseThresholds(
  activations: Activations,
  choose: (histogram: ActivationHistogram) => number,
): Thresholds {
  const thresholds = new Map<string, Threshold>();
  for (const [name, histograms] of activations) {
    const data = Float32Array.from(histograms, (histogram) => (histogram.max > 0 ? choose(histogram) : 0));
    const largest = data.reduce((a, b) => Math.max(a, b), 0);
    if (largest === 0) {
      throw new ConversionError(
        `convert: expected some activation above 0 in layer ${name}, received none; ` +
          "take more calibration batches, or check that the network is trained",
      );
    }
    thresholds.set(name, { shape: [data.length], data: data.map((x) => (x > 0 ? x : largest)) });
  }
  return thresholds;
}
