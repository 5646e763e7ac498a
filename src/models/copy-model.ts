/** A network copied with its weights, statistics and thresholds. */
import { loadState, readState } from "../nn/index.js";
import { createBlankModel } from "./create-model.js";
import { deviceOf } from "./device-of.js";
import type { ModelConfig, SnnConfig } from "./plan/index.js";
import type { SegmentationModel } from "./segmentation-model.js";
import { SnnModel } from "./snn/index.js";

/**
 * The same network, in the same mode and on the same device, that trains in fp32; the caller disposes it.
 *
 * @param model - read, never written
 * @param changes - settings of a spiking network that leave its state's shapes as they are
 */
export function copyModel(
  model: SegmentationModel,
  changes: Partial<Pick<SnnConfig, "leak" | "timesteps">> = {},
): SegmentationModel {
  const copy = createBlankModel(copiedConfig(model, changes), { device: deviceOf(model) });
  loadState(copy, readState(model));
  copy.setTraining(model.training);
  return copy;
}

/** Thresholds may have been replaced, as conversion does, by some of other shapes than the config says. */
function copiedConfig(model: SegmentationModel, changes: Partial<SnnConfig>): ModelConfig {
  if (!(model instanceof SnnModel)) return model.config;
  const shapes = [...model.spikingLayers()].map(([name, { threshold }]) => [name, threshold.shape] as const);
  return { ...model.config, ...changes, thresholdShapes: Object.fromEntries(shapes) };
}
