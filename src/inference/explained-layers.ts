/** Which kernels compute the layers of a fused network, and how often the layers fire. */

import type { FusedSnn } from "./fused-snn.js";

/** A layer's kernel, why it was chosen, and how often the layer fires. */
export type ExplainedLayer = ReturnType<FusedSnn["describe"]>[number] & {
  /** Spikes per neuron and timestep that the layer fires. */
  readonly density: number | undefined;
};

/**
 * The layers of a fused network with how often they fire.
 *
 * @param fused - whose convolutions to describe
 * @param densities - spikes per neuron and timestep, by layer, as `SpikeCounts.perTimestep` gives them
 */
export function explainedLayers(
  fused: FusedSnn,
  densities: Readonly<Record<string, number>>,
): ExplainedLayer[] {
  return fused.describe().map((layer) => ({ ...layer, density: densities[layer.name] }));
}
