/** How often the layers of fused networks fire, and which kernels compute them. */

import type { SpikeActivity } from "../models/index.js";
import type { FusedSnn } from "./fused-snn.js";

/** A layer's kernel, why it was chosen, and how often the layer fires. */
export type ExplainedLayer = ReturnType<FusedSnn["describe"]>[number] & {
  /** Spikes per neuron and timestep that the layer fires. */
  readonly density: number | undefined;
};

/** How often layers fire, over all that was run. */
export class SpikeShares {
  readonly #layers = new Map<string, { spikes: number; chances: number }>();

  /** Adds what a forward pass over `batch` examples reports. */
  add(activity: readonly SpikeActivity[], batch: number): void {
    for (const { name, neurons, spikes } of activity) {
      const layer = this.#layers.get(name) ?? { spikes: 0, chances: 0 };
      layer.spikes += spikes.reduce((sum, count) => sum + count, 0);
      layer.chances += spikes.length * batch * neurons;
      this.#layers.set(name, layer);
    }
  }

  /** Spikes per neuron and timestep by layer. */
  shares(): Record<string, number> {
    const shares = [...this.#layers].map(([name, { spikes, chances }]) => [name, spikes / chances] as const);
    return Object.fromEntries(shares);
  }
}

/** The layers of a fused network with how often they fire, as {@link SpikeShares} found it. */
export function explainedLayers(
  fused: FusedSnn,
  densities: Readonly<Record<string, number>>,
): ExplainedLayer[] {
  return fused.describe().map((layer) => ({ ...layer, density: densities[layer.name] }));
}
