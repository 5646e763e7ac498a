/** From a trained ANN to a spiking network of the same architecture. */

import { checkInteger, checkKeys, checkNumber, checkOneOf, refuse } from "../checks/index.js";
import type { NamedArray } from "../engine/index.js";
import { ConversionError, OptionError } from "../errors.js";
import {
  AnnModel,
  architectureName,
  createModel,
  modelDefaults,
  planNetwork,
  type SnnConfig,
  SnnModel,
} from "../models/index.js";
import { checkLeak } from "../neurons/index.js";
import { loadState } from "../nn/index.js";
import { type ThresholdType, thresholdTypes } from "../serialization/index.js";
import { learntThresholds, leastErrorThresholds, percentileThresholds } from "./activation-thresholds.js";
import { calibrateBiases } from "./calibrate-biases.js";
import { type CalibrationBatch, deviceOfBatches } from "./calibration-batch.js";
import { checkConvertible } from "./check-convertible.js";
import { collectActivations } from "./collect-activations.js";
import { findThresholds } from "./find-thresholds.js";
import { type AnnNetwork, foldBatchNorm } from "./fold-batch-norm.js";
import { applyThresholds, scaleThresholds, type Thresholds } from "./layer-thresholds.js";
import { type ConversionMethod, conversionMethods, methodTraits } from "./methods.js";
import { spikingWeights, type WeightRule } from "./spiking-weights.js";

/** How an ANN becomes a spiking network. */
export interface ConversionOptions {
  /** How thresholds and weights are chosen; {@link methodTraits} describes each. */
  readonly method: ConversionMethod;
  /** One threshold a layer, a channel, or a neuron (method `paper` only). */
  readonly type: ThresholdType;
  /** T of the converted network, for which thresholds and biases are chosen. */
  readonly timesteps: number;
  /** λ in (0, 1]; 1 (default) is the pure integrator that stands for ReLU. */
  readonly leak?: number;
  /** Factor of all thresholds (default: the method's). */
  readonly scale?: number;
  /** Share of the activations below the threshold, for `percentile` and `initial` (default 0.999). */
  readonly percentile?: number;
  /** α of negative thresholds −ϑ/α (default: the ANN's leaky slope, 0 for plain ReLU). */
  readonly imbalance?: number;
  /** Thresholds found before by the same method, type and T, instead of a search. */
  readonly found?: Thresholds | undefined;
  /** Called when the thresholds of a layer are there. @param layer - name of the spiking layer */
  readonly onLayer?: (layer: string) => void;
}

/** What a conversion gives. */
export interface Conversion {
  /** The spiking network; the caller disposes it. */
  readonly model: SnnModel;
  /** The ANN without batch norm, as plain values. */
  readonly folded: AnnNetwork;
  /** As found, before scaling. */
  readonly found: Thresholds;
  /** What a spike is worth in the ANN's units, per channel, by layer. */
  readonly worth: ReadonlyMap<string, Float32Array>;
}

/**
 * Converts an ANN.
 *
 * @param ann - read, never written
 * @param batches - calibration data, at least one batch (`qcfs` needs none); the networks compute, and the new one stays, where its
 *   images are
 * @param options - method, type and timesteps; the others have defaults
 * @throws ConversionError if the network or the data do not allow it, OptionError if the options do not fit together
 * @example
 * import { createModel, keep } from "snnseg";
 * import { convertAnn } from "snnseg/conversion";
 * import { directFrames } from "snnseg/models";
 * import { readState } from "snnseg/nn";
 * import { rand } from "snnseg/ops";
 *
 * const ann = createModel({ kind: "ann", arch: "dl-vgg9", inputChannels: 3, numClasses: 2 });
 * const images = keep(rand([1, 3, 16, 16], 0));
 * const batches = [{ images, frames: directFrames(images) }];
 * const network = { config: ann.config, state: readState(ann) };
 * const { model, found } = convertAnn(network, batches, { method: "percentile", type: "channel", timesteps: 4 });
 * console.log(model.config.timesteps, found.get("features.0")?.shape); // 4 [64]
 * for (const owner of [model, images, ann]) owner.dispose();
 */
export function convertAnn(
  ann: AnnNetwork,
  batches: readonly CalibrationBatch[],
  options: ConversionOptions,
): Conversion {
  checkOptions(ann, batches, options);
  checkConvertible(planNetwork(ann.config));
  const folded = foldBatchNorm(ann);
  const config = spikingConfig(ann, options);
  const rule: WeightRule = options.method === "paper" ? "copied" : "balanced";
  const found = options.found ?? chooseThresholds(config, { folded, batches, rule, options });
  const thresholds = scaleThresholds(found, options.scale ?? methodTraits[options.method].scale);
  const { state, worth } = spikingWeights(folded, thresholds, rule);
  const device = deviceOfBatches(batches);
  const model = snnModel({ ...config, ...shapesOf(thresholds) }, device);
  try {
    loadSpiking(model, state);
    applyThresholds(model, thresholds);
    if (options.method === "calibrate") {
      using reference = annModel(folded, device);
      calibrateBiases(model, reference, { batches, worth });
    }
    return { model, folded, found, worth };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/**
 * An ANN with these weights; the caller disposes it.
 *
 * @param network - `state` is copied
 * @param device - where to (default: the CPU)
 */
export function annModel({ config, state }: AnnNetwork, device = "cpu"): AnnModel {
  const model = createModel(config, { device });
  if (!(model instanceof AnnModel)) throw new ConversionError("convert: expected an ANN");
  const { missing } = loadState(model, state);
  if (missing.length > 0)
    throw new ConversionError(`convert: expected all of an ANN, missing ${missing.join(", ")}`);
  model.setTraining(false);
  return model;
}

/** Config of the spiking network that an ANN becomes. */
export function spikingConfig({ config }: AnnNetwork, options: ConversionOptions): SnnConfig {
  const { method, timesteps, leak = 1, imbalance = config.leakySlope } = options;
  const { arch, inputChannels, numClasses, kernelSize, init } = config;
  const { decoder } = planNetwork(config);
  return {
    kind: "snn",
    arch,
    inputChannels,
    numClasses,
    kernelSize,
    init,
    batchNorm: false,
    convBias: true,
    timesteps,
    leak,
    threshold: modelDefaults.threshold,
    surrogate: modelDefaults.surrogate,
    reset: "soft",
    fullPropagation: false,
    imbalance,
    initialMembrane: methodTraits[method].initialMembrane,
    // The ANN's decoder is linear; spikes would lose the scores below 0. The paper's network has them all the same.
    ...(decoder && method !== "paper" ? { integratingDecoder: true } : {}),
  };
}

function snnModel(config: SnnConfig, device: string): SnnModel {
  const model = createModel(config, { device });
  if (!(model instanceof SnnModel)) throw new ConversionError("convert: expected a spiking network");
  return model;
}

function shapesOf(thresholds: Thresholds): Pick<SnnConfig, "thresholdShapes"> {
  const shapes = [...thresholds].flatMap(([name, { shape, data }]) =>
    data.length > 1 ? [[name, shape] as const] : [],
  );
  return shapes.length === 0 ? {} : { thresholdShapes: Object.fromEntries(shapes) };
}

function chooseThresholds(
  config: SnnConfig,
  {
    folded,
    batches,
    rule,
    options: { method, type, timesteps, percentile = 0.999, onLayer },
  }: {
    readonly folded: AnnNetwork;
    readonly batches: readonly CalibrationBatch[];
    readonly rule: WeightRule;
    readonly options: ConversionOptions;
  },
): Thresholds {
  const device = deviceOfBatches(batches);
  using model = snnModel(config, device);
  if (method === "paper") {
    loadSpiking(model, folded.state);
    return findThresholds(
      model,
      batches.map(({ frames }) => frames),
      {
        type,
        timesteps,
        onFound: (layer, soFar) => {
          loadSpiking(model, spikingWeights(folded, soFar, rule).state);
          onLayer?.(layer);
        },
      },
    );
  }
  if (method === "qcfs") return learntThresholds(folded);
  using ann = annModel(folded, device);
  const all = collectActivations(
    ann,
    batches.map(({ images }) => images),
    { perChannel: type === "channel" },
  );
  const spiking = model.spikingLayers();
  const activations = new Map([...all].filter(([name]) => spiking.has(name)));
  for (const name of activations.keys()) onLayer?.(name);
  return method === "calibrate"
    ? leastErrorThresholds(activations, timesteps)
    : percentileThresholds(activations, percentile);
}

/** Loads what the network knows: quantised activations have no place in it. */
function loadSpiking(model: SnnModel, state: ReadonlyMap<string, NamedArray>): void {
  const unknown = loadState(model, state).unexpected.filter((name) => !name.startsWith("act_"));
  if (unknown.length === 0) return;
  throw new ConversionError(
    `convert: expected weights of ${architectureName(model.config.arch)}, received unknown ones: ${unknown.slice(0, 3).join(", ")}`,
  );
}

const optionKeys = new Set([
  ...["method", "type", "timesteps", "leak", "scale", "percentile", "imbalance"],
  ...["found", "onLayer"],
]);

function checkOptions(
  ann: AnnNetwork,
  batches: readonly CalibrationBatch[],
  options: ConversionOptions,
): void {
  const { method, type, timesteps, leak = 1, imbalance = 0, percentile = 0.999, scale = 1 } = options;
  const operation = "convert";
  if (!(ann?.state instanceof Map)) refuse(operation, "ann", "an ANN's config and state", ann);
  const { config } = ann;
  checkKeys(operation, options, optionKeys);
  checkOneOf(operation, "method", method, conversionMethods);
  checkOneOf(operation, "type", type, thresholdTypes);
  checkInteger(operation, "timesteps", timesteps);
  checkLeak(operation, leak);
  checkNumber(operation, "imbalance", imbalance, { least: 0, float32: true });
  checkNumber(operation, "scale", scale, { above: 0, float32: true });
  const fail = (text: string) => {
    throw new OptionError(`convert: ${text}`);
  };
  if (method !== "qcfs" && batches.length === 0)
    fail("expected at least one calibration batch, received none");
  if (method === "qcfs" && type !== "layer") {
    fail(`expected thresholds per layer for method qcfs, received ${type}; its ANN has learnt one per layer`);
  }
  if (method !== "paper" && type === "neuron") {
    fail(
      `expected thresholds per layer or channel for method ${method}, received neuron; ` +
        "convolutions cannot weigh the spikes of a channel's pixels differently, use method paper",
    );
  }
  if (method === "calibrate" && config.leakySlope > 0) {
    fail(
      "expected an ANN with ReLU for method calibrate, received leaky ReLU; use method paper or percentile",
    );
  }
  if (!(percentile > 0 && percentile <= 1)) {
    fail(`expected a percentile as a share in (0, 1], received ${percentile}; write 99.9 % as 0.999`);
  }
}
