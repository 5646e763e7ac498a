/** Where a network computes. */
import type { SegmentationModel } from "./segmentation-model.js";

/** The device of a network's weights, and so of its input: `cpu`, `cuda:0` … */
export function deviceOf(model: Pick<SegmentationModel, "parameters">): string {
  return model.parameters().values().next().value?.device ?? "cpu";
}
