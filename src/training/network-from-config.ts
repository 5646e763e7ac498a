/** From a run's options to the network they describe. */
import type { Config } from "../config/index.js";
import { hasFusedOperators } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { bitsObstacle, type ModelConfig, type ModelOptions, usualLevels } from "../models/index.js";
import { isIntegerNeuron, trainingPlan } from "../neurons/index.js";

/** The network of a configuration, for a data set's channels and classes. */
export function modelConfigOf(
  config: Config,
  { inputChannels, numClasses }: { readonly inputChannels: number; readonly numClasses: number },
): ModelConfig {
  const { arch, kernelSize, init, batchNorm } = config;
  const common = { arch, inputChannels, numClasses, kernelSize, init, batchNorm };
  if (config.model === "ann") {
    const { leakySlope, activationLevels } = config;
    const learns = config.norm === "affine" ? { norm: config.norm } : {};
    const levels = activationLevels > 0 ? { activationLevels } : {};
    return { kind: "ann", ...common, ...learns, leakySlope, ...levels };
  }
  const { timesteps, leak, threshold, surrogate, reset, fullPropagation, imbalance } = config;
  const { neuron, levels, learnThreshold, norm } = config;
  const integers = isIntegerNeuron(neuron);
  const form = norm ?? (integers ? "plain" : "bntt");
  // What is as it always was goes unsaid, so that checkpoints stay as they were.
  const beyondLif = {
    ...(neuron === "lif" ? {} : { neuron }),
    ...(integers ? { levels } : {}),
    ...(learnThreshold ? { learnsThreshold: true } : {}),
    ...(form === "bntt" || !batchNorm ? {} : { norm: form }),
  };
  const neurons = {
    timesteps,
    leak,
    threshold,
    surrogate,
    reset,
    fullPropagation,
    imbalance: imbalance ?? 0,
  };
  return { kind: "snn", ...common, ...neurons, ...beyondLif };
}

/** The options that a network was built with: the inverse of {@link modelConfigOf}. Parts of one's own have none. */
export function networkOptions(model: ModelConfig): Partial<Config> {
  const { kind, arch, kernelSize, init, batchNorm } = model;
  const common = {
    ...{ model: kind, kernelSize, init, batchNorm },
    ...(batchNorm ? { norm: model.norm ?? null } : {}),
    ...(typeof arch === "string" ? { arch } : {}),
  };
  if (model.kind === "ann") {
    const { leakySlope, activationLevels = 0 } = model;
    return { ...common, leakySlope, activationLevels };
  }
  const { timesteps, leak, threshold, surrogate, reset, fullPropagation, imbalance } = model;
  const { levels = usualLevels, learnsThreshold: learnThreshold = false, neuron = "lif" } = model;
  const neurons = { timesteps, leak, threshold, fullPropagation, learnThreshold };
  const named = typeof neuron === "string" ? { neuron } : {};
  if (isIntegerNeuron(neuron)) return { ...common, ...neurons, ...named, levels };
  const slope = typeof surrogate === "string" ? { surrogate } : {};
  return { ...common, ...neurons, ...named, reset, ...slope, imbalance: imbalance > 0 ? imbalance : null };
}

/** Where and how precisely a network computes. */
export function computingOf({
  device,
  precision,
  model,
  neuron = "lif",
}: Pick<Config, "device" | "precision" | "model"> & Partial<Pick<Config, "neuron">>): Omit<
  ModelOptions,
  "seed"
> {
  if (precision !== "auto") return { device, precision };
  // The plan is one of the processor's features; bf16 has not been measured on a GPU.
  if (device !== "cpu") return { device, precision: "fp32" };
  // Integers are convolved as an ANN's activations are.
  const { faster } = trainingPlan(neuron === "lif" ? model : "ann");
  return { device, precision: faster ? "bf16" : "fp32" };
}

/**
 * Checks that a network trains as precisely as it is asked for.
 *
 * @throws OptionError if it is to be trained on bits on a GPU for which the addon has no kernels
 */
export function checkTrainable(
  { device, precision }: Pick<Config, "device" | "precision">,
  model: ModelConfig,
): void {
  if (precision !== "bf16" || model.kind !== "snn" || bitsObstacle(model) !== undefined) return;
  if (hasFusedOperators(device)) return;
  throw new OptionError(
    `--precision bf16: expected kernels for GPUs in the addon, without which ${device} does not train on bits, found none; ` +
      "use fp32 or the CPU, or build them: SNNSEG_CUDA_KERNELS=1 snnseg setup",
  );
}
