/** The neurons of a spiking network, as modules. */
import { BatchNormThroughTime, lif, NeuronLayer, type NeuronSettings } from "../../neurons/index.js";
import type { Module } from "../../nn/index.js";
import { companion, type PlannedLayer, type SnnConfig } from "../plan/index.js";

/** @param child - registers a part under its name */
export function neuronLayers(
  config: SnnConfig,
  device: string,
  child: <M extends Module>(name: string, module: M) => M,
) {
  const { timesteps, batchNorm, leak, threshold, reset, surrogate, imbalance, thresholdShapes = {} } = config;
  const { neuron = lif } = config;
  const settings: NeuronSettings = { neuron, leak, threshold, reset, surrogate, imbalance, device };
  return {
    /** Batch norm through time before a layer's neurons, where the network has it. */
    norm: ({ name, outputs }: Extract<PlannedLayer, { kind: "conv" }>) =>
      batchNorm
        ? child(companion("bn", name), new BatchNormThroughTime(timesteps, outputs, device))
        : undefined,
    layer: (name: string, norm?: BatchNormThroughTime) =>
      child(companion("lif", name), new NeuronLayer(settings, norm, thresholdShapes[name])),
  };
}
