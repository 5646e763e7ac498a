/** What counting operations needs to know of a network; any network can be described so. */
import { type ModelConfig, neuronOf } from "../models/index.js";
import {
  type AuxiliaryOperations,
  auxiliaryOperations,
  type MeasuredOperations,
} from "./auxiliary-operations.js";
import { type SynapticLayer, synapticLayers } from "./synaptic-layers.js";

/** A network as {@link OperationCounter} sees it. */
export interface CountedNetwork {
  /** An `ann` is charged multiply-accumulates throughout. */
  readonly kind: ModelConfig["kind"];
  /** D: the most spikes of a neuron in a timestep (default 1). */
  readonly levels?: number;
  /** Layers with weights, from input to scores; `forward` tells its observer what reaches each. */
  readonly layers: readonly SynapticLayer[];
  /** What is no synapse, per example. @param measured - averages over the examples seen */
  readonly auxiliary: (measured: MeasuredOperations) => readonly AuxiliaryOperations[];
}

/**
 * The description of a network of this library, for images of one height and width.
 *
 * @param config - complete
 * @param size - height and width of the network's input in pixels
 */
export function countedNetwork(config: ModelConfig, size: readonly [number, number]): CountedNetwork {
  return {
    kind: config.kind,
    levels: config.kind === "snn" ? (neuronOf(config).levels ?? 1) : 1,
    layers: synapticLayers(config, size),
    auxiliary: (measured) => auxiliaryOperations(config, size, measured),
  };
}
