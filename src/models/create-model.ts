/** Builds any network from its config. */
import { checkKeys } from "../checks/index.js";
import { scope } from "../engine/index.js";
import { AnnModel } from "./ann/index.js";
import type { BuildOptions, ModelOptions } from "./build-options.js";
import {
  type AnnSettings,
  completeModelConfig,
  type ModelConfig,
  type ModelSettings,
  type SnnSettings,
} from "./plan/index.js";
import type { SegmentationModel } from "./segmentation-model.js";
import { SnnModel } from "./snn/index.js";

/**
 * A network with fresh weights; the caller disposes it.
 *
 * @param settings - what network; {@link modelDefaults} complete what is left out
 * @param options - seed of the weights (default 0), device (default `"cpu"`), and how training computes (default `"fp32"`)
 * @throws OptionError if the config is not one of a network, or an option is unknown or out of its range
 * @example
 * ```ts
 * import { createModel, scope } from "snnseg";
 * import { rand } from "snnseg/ops";
 *
 * const model = createModel({ kind: "snn", arch: "dl-vgg9", inputChannels: 3, numClasses: 21, timesteps: 2 });
 * model.setTraining(false);
 * scope("example", () => console.log(model.forward(rand([1, 3, 16, 16], 1)).logits.shape)); // [1, 21, 16, 16]
 * model.dispose();
 * ```
 */
export function createModel(settings: SnnSettings, options?: Partial<ModelOptions>): SnnModel;
/**
 * An ordinary network with fresh weights; the caller disposes it.
 *
 * @param settings - what network; {@link modelDefaults} complete what is left out
 * @param options - as for a spiking one
 */
export function createModel(settings: AnnSettings, options?: Partial<ModelOptions>): AnnModel;
/**
 * A network of the settings' kind with fresh weights; the caller disposes it.
 *
 * @param settings - what network; {@link modelDefaults} complete what is left out
 * @param options - as for a spiking one
 */
export function createModel(settings: ModelSettings, options?: Partial<ModelOptions>): SegmentationModel;
export function createModel(settings: ModelSettings, options: Partial<ModelOptions> = {}): SegmentationModel {
  const { seed = 0 } = options;
  return build(completeModelConfig(settings), { ...options, seed });
}

/**
 * A network whose weights are all 0, for those who load all its state: random ones take a while to draw. The caller
 * disposes it.
 *
 * @param config - complete, as a checkpoint keeps it
 * @param options - device (default `"cpu"`), and how training computes (default `"fp32"`)
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
