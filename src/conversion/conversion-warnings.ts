/** Signs that a conversion will disappoint, for people to read. */
import { type PoissonLoss, poissonLossWarning } from "../neurons/index.js";
import type { AnnNetwork } from "./fold-batch-norm.js";
import type { LayerReport } from "./layer-report.js";
import type { Thresholds } from "./layer-thresholds.js";

/** Fewer calibration images than this see too little of a data set. */
const fewExamples = 16;
/** More never-active channels than this share point to too few images, or to a network that is hardly trained. */
const manyDead = 0.1;
/** A layer that fires less than this share of what it should has lost most of its input. */
const lowRate = 0.25;
/** A layer of which more activations than this share lie above their thresholds says too little with a spike. */
const muchClipped = 0.25;

/** What {@link conversionWarnings} judges by. */
export interface ConversionFacts {
  /** The ANN with its batch norm, as trained. */
  readonly ann: AnnNetwork;
  /** By {@link layerReport}. */
  readonly layers: readonly LayerReport[];
  /** Thresholds before they were scaled. */
  readonly found: Thresholds;
  /** Calibration images. */
  readonly examples: number;
  /** How the spiking network is fed. */
  readonly encoding: "poisson" | "direct" | "sequence";
  /** What Poisson coding would cut off of the calibration images. */
  readonly poissonLoss: PoissonLoss;
}

/**
 * What speaks against the conversion; empty where nothing does.
 *
 * @param facts - read, never written
 */
export function conversionWarnings(facts: ConversionFacts): string[] {
  const { ann, layers, found, examples, encoding, poissonLoss } = facts;
  const warnings: string[] = [];
  if (examples < fewExamples) {
    warnings.push(
      `calibration saw ${examples} images; thresholds from fewer than ${fewExamples} vary a lot, raise --batches`,
    );
  }
  for (const [name, { shape, data }] of found) {
    const zeros = data.reduce((count, x) => count + (x === 0 ? 1 : 0), 0);
    if (zeros === 0) continue;
    const unit = shape.length === 3 ? "neurons" : "channels";
    warnings.push(
      `${name}: ${zeros} of ${data.length} ${unit} received no current and have threshold 0, so they fire at the ` +
        "first one; raise --batches, or choose thresholds per layer",
    );
  }
  for (const layer of layers) {
    if (layer.deadChannels > manyDead * layer.channels) {
      warnings.push(
        `${layer.name}: ${layer.deadChannels} of ${layer.channels} channels were never active in calibration; raise --batches`,
      );
    }
    const saturated = layer.expectedRate > 1 || layer.clipped > muchClipped;
    if (layer.expectedRate > 1 || layer.spikeRate < lowRate * layer.expectedRate) {
      warnings.push(
        `${layer.name}: fires ${layer.spikeRate.toPrecision(2)} times per neuron and timestep where the ANN's ` +
          `activations ask for ${layer.expectedRate.toPrecision(2)}; ` +
          (saturated
            ? "its thresholds are too low for one spike a timestep, raise --scale"
            : "raise --timesteps or lower --scale"),
      );
    }
  }
  const cut = encoding === "poisson" ? poissonLossWarning(poissonLoss) : undefined;
  if (cut !== undefined) warnings.push(cut);
  if (ann.config.leakySlope > 0) {
    warnings.push(
      "leaky ReLU: spikes carry no negative values, so activations below 0 are lost; ReLU converts better",
    );
  }
  if (ann.config.batchNorm && untrainedNorm(ann)) {
    warnings.push("batch norm has its initial statistics: the ANN seems not to be trained");
  }
  return warnings;
}

function untrainedNorm({ state }: AnnNetwork): boolean {
  const norms = [...state].filter(([name]) => name.startsWith("bn_") && name.endsWith(".running_var"));
  return norms.every(([, { data }]) => (data as Float32Array).every((value) => value === 1));
}
