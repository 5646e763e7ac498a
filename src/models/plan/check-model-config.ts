/** Refuses settings that no network can have, before anything is built. */
import {
  checkBoolean,
  checkInteger,
  checkKeys,
  checkNumber,
  checkOneOf,
  LARGEST_INT,
  refuse,
} from "../../checks/index.js";
import {
  checkDynamics,
  checkNeuron,
  isIntegerNeuron,
  MOST_LEVELS,
  neuronNames,
  sharedNorms,
} from "../../neurons/index.js";
import { inits } from "../../nn/index.js";
import { checkArchitecture } from "./check-architecture.js";
import { type AnnConfig, type ModelConfig, neuronOf, type SnnConfig } from "./model-config.js";
import { firingLayers, planNetwork } from "./plan-network.js";

const operation = "model config";

// Settings of the other kind are known too, and ignored: `modelDefaults` has those of both.
const keys = new Set([
  ...["kind", "arch", "inputChannels", "numClasses", "kernelSize", "init", "batchNorm", "convBias"],
  ...["leakySlope", "activationLevels"],
  ...["neuron", "levels", "learnsThreshold", "norm", "spiking"],
  ...["timesteps", "leak", "threshold", "surrogate", "reset", "fullPropagation", "imbalance"],
  ...["initialMembrane", "thresholdShapes", "integratingDecoder"],
]);

/**
 * Checks that there can be a network of a config.
 *
 * @param config - settings of the other kind are known too, and ignored
 * @throws OptionError naming the first setting that no network can have, or that none knows
 */
export function checkModelConfig(config: ModelConfig): void {
  checkKeys(operation, config, keys);
  checkOneOf(operation, "kind", config.kind, ["ann", "snn"]);
  checkArchitecture(operation, config.arch);
  const { inputChannels, numClasses, kernelSize, init, batchNorm, convBias = false } = config;
  checkInteger(operation, "inputChannels", inputChannels, { most: LARGEST_INT });
  checkInteger(operation, "numClasses", numClasses, { most: LARGEST_INT });
  checkInteger(operation, "kernelSize", kernelSize, { most: LARGEST_INT });
  if (kernelSize % 2 === 0) refuse(operation, "kernelSize", "odd", kernelSize);
  checkOneOf(operation, "init", init, inits);
  checkBoolean(operation, "batchNorm", batchNorm);
  checkBoolean(operation, "convBias", convBias);
  if (config.kind === "ann") checkAnn(config);
  else checkSnn(config);
}

function checkAnn({ leakySlope, activationLevels = 0, norm = "plain" }: AnnConfig): void {
  checkOneOf(operation, "norm", norm, ["plain", "affine"]);
  checkNumber(operation, "leakySlope", leakySlope, { least: 0, below: 1, float32: true });
  checkInteger(operation, "activationLevels", activationLevels, { least: 0 });
  if (activationLevels > 0 && leakySlope > 0) {
    refuse(operation, "activationLevels", "0 beside leaky ReLU", activationLevels);
  }
}

function checkSnn(config: SnnConfig): void {
  const { timesteps, threshold, fullPropagation, convBias = false } = config;
  const { initialMembrane = 0, integratingDecoder = false, thresholdShapes } = config;
  checkInteger(operation, "timesteps", timesteps, { most: LARGEST_INT });
  checkDynamics(operation, config);
  checkNeurons(config);
  checkOneOf(operation, "norm", config.norm ?? "bntt", ["bntt", ...sharedNorms]);
  checkNumber(operation, "threshold", threshold, { above: 0, float32: true });
  checkNumber(operation, "initialMembrane", initialMembrane, { least: 0, below: 1 });
  checkBoolean(operation, "fullPropagation", fullPropagation);
  checkBoolean(operation, "integratingDecoder", integratingDecoder);
  // The extra steps have no batch norm; folded into biases, it could not be left out there.
  if (convBias && fullPropagation) refuse(operation, "fullPropagation", "false beside biases", true);
  if (thresholdShapes !== undefined) checkThresholdShapes(config, thresholdShapes);
}

function checkNeurons(config: SnnConfig): void {
  const { neuron, levels = 1, learnsThreshold = false, spiking = true } = config;
  const { reset, imbalance, norm = "bntt", batchNorm } = config;
  if (typeof neuron === "string") checkOneOf(operation, "neuron", neuron, neuronNames);
  checkInteger(operation, "levels", levels, { most: MOST_LEVELS });
  checkBoolean(operation, "learnsThreshold", learnsThreshold);
  checkBoolean(operation, "spiking", spiking);
  const own = neuronOf(config);
  checkNeuron(operation, own);
  if (!spiking && batchNorm && norm === "bntt") {
    refuse(
      operation,
      "norm",
      `one that timesteps share while neurons are ReLUs (${sharedNorms.join(", ")})`,
      norm,
    );
  }
  if (own.levels === undefined || !isIntegerNeuron(neuron)) return;
  if (reset !== "soft") refuse(operation, "reset", `"soft" with neurons that send integers`, reset);
  if (imbalance > 0) refuse(operation, "imbalance", "0 with neurons that send integers", imbalance);
}

/** Shapes are `[1]`, `[C]` or `[C, H, W]` of layers that the network has. */
function checkThresholdShapes(config: SnnConfig, shapes: NonNullable<SnnConfig["thresholdShapes"]>): void {
  const channels = spikingChannels(config);
  checkKeys(`${operation}: thresholdShapes`, shapes, new Set(channels.keys()));
  for (const [name, shape] of Object.entries(shapes)) {
    const sizes = Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 1);
    const own = channels.get(name)!;
    const fits =
      shape.length === 1 ? shape[0] === 1 || shape[0] === own : shape.length === 3 && shape[0] === own;
    if (sizes && fits) continue;
    refuse(operation, `thresholdShapes of ${name}`, `[1], [${own}] or [${own}, H, W]`, shape);
  }
}

/** Channels by spiking layer, the decoder's stages included. @param config - complete */
export function spikingChannels(config: SnnConfig): Map<string, number> {
  const plan = planNetwork(config);
  const { decoder, numClasses } = plan;
  const hidden = firingLayers(plan).map(({ name, outputs }) => [name, outputs] as const);
  const stages = (decoder?.stages ?? []).flatMap(({ name, fires }) =>
    fires ? [[name, numClasses] as const] : [],
  );
  return new Map([...hidden, ...stages]);
}
