/** Builds any network from its config. */
import { scope } from "../engine/index.js";
import { AnnModel } from "./ann-model.js";
import { checkModelConfig, type ModelConfig } from "./model-config.js";
import type { SegmentationModel } from "./segmentation-model.js";
import type { BuildOptions, ModelOptions } from "./shared.js";
import { SnnModel } from "./snn-model.js";

/**
 * A network with fresh weights; the caller disposes it.
 *
 * @throws OptionError if the config is not one of a network
 */
export function createModel(config: ModelConfig, options: Partial<ModelOptions> = {}): SegmentationModel {
  checkModelConfig(config);
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
  checkModelConfig(config);
  return build(config, { ...options, seed: undefined });
}

function build(
  config: ModelConfig,
  { seed, device = "cpu", precision = "fp32" }: Partial<BuildOptions>,
): SegmentationModel {
  return scope("create model", () => {
    const chosen: BuildOptions = { seed, device, precision };
    return config.kind === "ann" ? new AnnModel(config, chosen) : new SnnModel(config, chosen);
  });
}
