/** Spikes of all layers as one list, to add them up over ranks. */
import type { LayerSpikes } from "../models/index.js";

/** Layers with other spikes. @param counts - of all layers and timesteps, one after the other */
export function withSpikes(layers: readonly LayerSpikes[], counts: readonly number[]): LayerSpikes[] {
  let next = 0;
  return layers.map((layer) => {
    const first = next;
    next += layer.spikes.length;
    return { ...layer, spikes: counts.slice(first, next) };
  });
}
