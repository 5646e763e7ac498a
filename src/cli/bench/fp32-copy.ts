/** The same network, whose training computes in fp32. */
import { createBlankModel, type SegmentationModel, SnnModel } from "../../models/index.js";
import { loadState, readState } from "../../nn/index.js";

/** The caller disposes it. */
export function fp32Copy(model: SegmentationModel): SegmentationModel {
  const copy = createBlankModel(model instanceof SnnModel ? withThresholds(model) : model.config);
  loadState(copy, readState(model));
  copy.setTraining(model.training);
  return copy;
}

/** The config of a network whose thresholds may have been replaced. */
function withThresholds(model: SnnModel): SnnModel["config"] {
  const shapes = [...model.spikingLayers()].map(([name, { threshold }]) => [name, threshold.shape] as const);
  return { ...model.config, thresholdShapes: Object.fromEntries(shapes) };
}
