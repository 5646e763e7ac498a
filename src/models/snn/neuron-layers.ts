/** The neurons of a spiking network, as modules. */
import { BatchNormThroughTime, NeuronLayer, type NeuronSettings, SharedNorm } from "../../neurons/index.js";
import type { Module } from "../../nn/index.js";
import { companion, neuronOf, normOf, type PlannedLayer, type SnnConfig } from "../plan/index.js";

/** @param child - registers a part under its name */
export function neuronLayers(
  config: SnnConfig,
  device: string,
  child: <M extends Module>(name: string, module: M) => M,
) {
  const { timesteps, leak, threshold, reset, surrogate, imbalance, thresholdShapes = {} } = config;
  const { learnsThreshold = false } = config;
  const settings: NeuronSettings = {
    ...{ neuron: neuronOf(config), leak, threshold, learnsThreshold },
    ...{ reset, surrogate, imbalance, device },
  };
  const form = normOf(config);
  return {
    /** Batch norm before a layer's neurons, where the network has it. */
    norm: ({ name, outputs: channels }: Extract<PlannedLayer, { kind: "conv" }>) => {
      if (form === undefined) return undefined;
      const norm =
        form === "bntt"
          ? new BatchNormThroughTime(timesteps, channels, device)
          : new SharedNorm({ form, channels, timesteps, threshold, device });
      return child(companion("bn", name), norm);
    },
    layer: (name: string, norm?: BatchNormThroughTime | SharedNorm) =>
      child(companion("lif", name), new NeuronLayer(settings, norm, thresholdShapes[name])),
  };
}
