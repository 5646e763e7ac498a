/** Which networks the fused kernels can run. */
import {
  AnnModel,
  deviceOf,
  type ForwardNetwork,
  kernelsObstacle,
  neuronOf,
  planNetwork,
  SnnModel,
} from "../models/index.js";
import { neuronObstacle } from "../neurons/index.js";

/** Why a network cannot be fused, as the end of a sentence; `undefined` if it can. @param model - of any kind */
export function fusionObstacle(model: ForwardNetwork): string | undefined {
  if (model instanceof AnnModel) return "it is an ANN";
  if (!(model instanceof SnnModel)) return "it is no SnnModel";
  const { config } = model;
  if (config.imbalance > 0) return "its neurons have a negative threshold (--imbalance)";
  if (config.fullPropagation) return "it runs extra timesteps (--full-propagation)";
  if (config.spiking === false) return "its neurons are still ReLUs (--spiking-from)";
  const kernels = neuronObstacle(neuronOf(config)) ?? kernelsObstacle(planNetwork(config));
  if (kernels !== undefined) return kernels;
  const perNeuron = perNeuronLayer(model);
  if (perNeuron !== undefined) return `the neurons of ${perNeuron} have a threshold each`;
  const device = deviceOf(model);
  return device === "cpu" ? undefined : `it is on ${device}, not on the CPU`;
}

function perNeuronLayer(model: SnnModel): string | undefined {
  for (const [name, { threshold }] of model.spikingLayers()) {
    if (threshold.shape.length === 3) return name;
  }
  return undefined;
}
