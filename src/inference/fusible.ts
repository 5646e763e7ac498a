/** Which networks the fused kernels can run. */
import { type SegmentationModel, SnnModel } from "../models/index.js";

/** Why a network cannot be fused, as the end of a sentence; `undefined` if it can. */
export function fusionObstacle(model: SegmentationModel): string | undefined {
  if (!(model instanceof SnnModel)) return "it is an ANN";
  const { config } = model;
  if (config.imbalance > 0) return "its neurons have a negative threshold (--imbalance)";
  if (config.fullPropagation) return "it runs extra timesteps (--full-propagation)";
  const state = model.state();
  const perNeuron = perNeuronLayer(model);
  if (perNeuron !== undefined) return `the neurons of ${perNeuron} have a threshold each`;
  const device = state.get("features.0.weight")?.device;
  return device === "cpu" ? undefined : `it is on ${device}, not on the CPU`;
}

function perNeuronLayer(model: SnnModel): string | undefined {
  for (const [name, { threshold }] of model.spikingLayers()) {
    if (threshold.shape.length === 3) return name;
  }
  return undefined;
}
