/** Builds any network from its config. */
import { scope } from "../engine/index.js";
import { AnnModel } from "./ann-model.js";
import { checkModelConfig, type ModelConfig } from "./model-config.js";
import type { SegmentationModel } from "./segmentation-model.js";
import type { ModelOptions } from "./shared.js";
import { SnnModel } from "./snn-model.js";

/**
 * A network with fresh weights; the caller disposes it.
 *
 * @throws OptionError if the config is not one of a network
 */
export function createModel(config: ModelConfig, options: Partial<ModelOptions> = {}): SegmentationModel {
  checkModelConfig(config);
  const { seed = 0, device = "cpu", precision = "fp32" } = options;
  return scope("create model", () => {
    const chosen: ModelOptions = { seed, device, precision };
    return config.kind === "ann" ? new AnnModel(config, chosen) : new SnnModel(config, chosen);
  });
}
