/** From a run's options to the network they describe. */
import type { Config } from "../config/index.js";
import type { ModelConfig, ModelOptions } from "../models/index.js";
import { trainingPlan } from "../neurons/index.js";

/** The network of a configuration, for a data set's channels and classes. */
export function modelConfigOf(
  config: Config,
  { inputChannels, numClasses }: { readonly inputChannels: number; readonly numClasses: number },
): ModelConfig {
  const { arch, kernelSize, init, batchNorm } = config;
  const common = { arch, inputChannels, numClasses, kernelSize, init, batchNorm };
  if (config.model === "ann") {
    const { leakySlope, activationLevels } = config;
    return { kind: "ann", ...common, leakySlope, ...(activationLevels > 0 ? { activationLevels } : {}) };
  }
  const { timesteps, leak, threshold, surrogate, reset, fullPropagation, imbalance } = config;
  const neurons = {
    timesteps,
    leak,
    threshold,
    surrogate,
    reset,
    fullPropagation,
    imbalance: imbalance ?? 0,
  };
  return { kind: "snn", ...common, ...neurons };
}

/** The options that a network was built with: the inverse of {@link modelConfigOf}. Parts of one's own have none. */
export function networkOptions(model: ModelConfig): Partial<Config> {
  const { kind, arch, kernelSize, init, batchNorm } = model;
  const common = {
    ...{ model: kind, kernelSize, init, batchNorm },
    ...(typeof arch === "string" ? { arch } : {}),
  };
  if (model.kind === "ann") {
    const { leakySlope, activationLevels = 0 } = model;
    return { ...common, leakySlope, activationLevels };
  }
  const { timesteps, leak, threshold, surrogate, reset, fullPropagation, imbalance } = model;
  const neurons = { timesteps, leak, threshold, reset, fullPropagation };
  const named = typeof surrogate === "string" ? { surrogate } : {};
  return { ...common, ...neurons, ...named, imbalance: imbalance > 0 ? imbalance : null };
}

/** Where and how precisely a network computes. */
export function computingOf({
  device,
  precision,
  model,
}: Pick<Config, "device" | "precision" | "model">): Omit<ModelOptions, "seed"> {
  if (precision !== "auto") return { device, precision };
  return { device, precision: trainingPlan(model).faster ? "bf16" : "fp32" };
}
