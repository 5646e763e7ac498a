/** Spikes of every layer, added up over batches. */
import type { LayerActivity } from "../models/index.js";

/** A layer's spikes over some examples. */
export type LayerSpikes = {
  readonly name: string;
  readonly neurons: number;
  /** Per timestep, over all examples. */
  readonly spikes: readonly number[];
};

/** Adds up what forward passes report. */
export class SpikeCounts {
  examples = 0;
  readonly #layers = new Map<string, { neurons: number; spikes: number[] }>();

  add(activity: readonly Pick<LayerActivity, "name" | "neurons" | "spikes">[], examples: number): void {
    this.examples += examples;
    for (const { name, neurons, spikes } of activity) {
      const layer = this.#layers.get(name) ?? { neurons, spikes: spikes.map(() => 0) };
      for (const [t, count] of spikes.entries()) layer.spikes[t] = (layer.spikes[t] ?? 0) + count;
      this.#layers.set(name, layer);
    }
  }

  /** Layers from input to output; none for an ANN. */
  layers(): LayerSpikes[] {
    return [...this.#layers].map(([name, layer]) => ({ name, ...layer }));
  }

  /** Spikes per neuron and example over all timesteps, by layer. */
  rates(): Record<string, number> {
    const rate = ({ neurons, spikes }: LayerSpikes) =>
      spikes.reduce((sum, count) => sum + count, 0) / Math.max(1, this.examples * neurons);
    return Object.fromEntries(this.layers().map((layer) => [layer.name, rate(layer)]));
  }

  /** Layers that never fired, after at least one example. */
  silentLayers(): string[] {
    if (this.examples === 0) return [];
    return this.layers().flatMap(({ name, spikes }) => (spikes.every((count) => count === 0) ? [name] : []));
  }

  /** A copy as plain data, for checkpoints. */
  toJSON(): { examples: number; layers: LayerSpikes[] } {
    return {
      examples: this.examples,
      layers: this.layers().map((layer) => ({ ...layer, spikes: [...layer.spikes] })),
    };
  }

  /** The counts that {@link toJSON} gave. */
  static from({ examples, layers }: { examples: number; layers: readonly LayerSpikes[] }): SpikeCounts {
    const counts = new SpikeCounts();
    counts.examples = examples;
    for (const { name, neurons, spikes } of layers)
      counts.#layers.set(name, { neurons, spikes: [...spikes] });
    return counts;
  }
}
