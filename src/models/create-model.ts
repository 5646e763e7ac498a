/** Builds any network from its config. */
import { checkKeys } from "../checks/index.js";
import { scope } from "../engine/index.js";
import { AnnModel } from "./ann/index.js";
import type { BuildOptions, ModelOptions } from "./build-options.js";
import type { AnnConfig, ModelConfig, SnnConfig } from "./plan/index.js";
import type { SegmentationModel } from "./segmentation-model.js";
import { SnnModel } from "./snn/index.js";

/**
 * A network with fresh weights; the caller disposes it.
 *
 * @throws OptionError if the config is not one of a network, or an option is unknown or out of its range
 */
export function createModel(config: SnnConfig, options?: Partial<ModelOptions>): SnnModel;
export function createModel(config: AnnConfig, options?: Partial<ModelOptions>): AnnModel;
export function createModel(config: ModelConfig, options?: Partial<ModelOptions>): SegmentationModel;
export function createModel(config: ModelConfig, options: Partial<ModelOptions> = {}): SegmentationModel {
  const { seed = 0 } = options;
  return build(config, { ...options, seed });
}

/**
 * A network whose weights are all 0, for those who load all its state: random ones take a while to draw. The caller
 * disposes it.
 *
 * @throws OptionError if the config is not one of a network
 */
export function createBlankModel(
  config: ModelConfig,
  options: Partial<Omit<ModelOptions, "seed">> = {},
): SegmentationModel {
  return build(config, { ...options, seed: undefined });
}

const optionKeys = new Set(["seed", "device", "precision"]);

function build(config: ModelConfig, options: Partial<BuildOptions>): SegmentationModel {
  checkKeys("createModel", options, optionKeys);
  const { seed, device = "cpu", precision = "fp32" } = options;
  return scope("create model", () => {
    const chosen: BuildOptions = { seed, device, precision };
    return config.kind === "ann" ? new AnnModel(config, chosen) : new SnnModel(config, chosen);
  });
}
