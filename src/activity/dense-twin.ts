/** The operations of a spiking network's ANN twin, which its architecture alone decides. */
import { type AnnConfig, normOf, type SnnConfig } from "../models/index.js";
import { auxiliaryOperations } from "./auxiliary-operations.js";
import type { LayerOperations } from "./layer-operations.js";
import type { NetworkOperations } from "./operation-counter.js";
import { denseMacs, synapticLayers } from "./synaptic-layers.js";

/**
 * The twin: the same convolutions, batch norm where the SNN has it, ReLU.
 *
 * @param config - read, never written; its neurons' settings are dropped
 */
export function twinConfig(config: SnnConfig): AnnConfig {
  const { arch, inputChannels, numClasses, kernelSize, init, batchNorm, convBias } = config;
  const twin = { arch, inputChannels, numClasses, kernelSize, init, batchNorm, leakySlope: 0 };
  const learnt = normOf(config);
  const norm =
    learnt === undefined || learnt === "bntt" || learnt === "plain" ? {} : { norm: "affine" as const };
  return { kind: "ann", ...twin, ...norm, ...(convBias === undefined ? {} : { convBias }) };
}

/**
 * What an ANN computes for one example. Zeros are not looked for, so no example is needed.
 *
 * @param config - such as {@link twinConfig} makes
 * @param size - height and width of the network's input in pixels
 */
export function denseOperations(config: AnnConfig, size: readonly [number, number]): NetworkOperations {
  const layers = synapticLayers(config, size).map((layer): LayerOperations => {
    const macs = denseMacs(layer);
    const elements = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);
    return {
      name: layer.name,
      kind: layer.kind,
      source: layer.source,
      input: "real",
      inputs: elements(layer.input),
      outputs: elements(layer.output),
      neurons: layer.neurons,
      fires: layer.fires,
      weights: layer.weights,
      passes: 1,
      denseMacs: macs,
      events: elements(layer.input),
      synapticOperations: macs,
      accumulates: 0,
      multiplyAccumulates: macs,
      shortcut: macs,
    };
  });
  const auxiliary = auxiliaryOperations(config, size, { timesteps: 1, spikes: new Map(), layers });
  return { kind: "ann", timesteps: 1, examples: 0, layers, auxiliary, neurons: 0, spikes: 0 };
}
