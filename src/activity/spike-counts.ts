/** Spikes of every layer, added up over batches; neurons count them where they fire (neurons/neuron-sequence.ts, native/kernels/isa/neurons.h). */
import type { LayerSpikes } from "../models/index.js";

/** {@link SpikeCounts} as plain data, as checkpoints hold it. */
export type SavedSpikeCounts = {
  /** Examples that were counted. */
  readonly examples: number;
  /** Layers from input to output; `spikes` by timestep, over all examples. */
  readonly layers: readonly LayerSpikes[];
};

interface Total {
  readonly neurons: number;
  /** By timestep. */
  readonly spikes: number[];
  /** Σ neurons · timesteps over the examples: how often a neuron could have fired. */
  chances: number;
}

/** Adds up what forward passes report. */
export class SpikeCounts {
  #examples = 0;
  readonly #layers = new Map<string, Total>();

  /**
   * Adds what a forward pass over `examples` examples reports.
   *
   * @param activity - as `forward` gives it; layers are told apart by name
   * @param examples - N of the batch
   */
  add(activity: readonly LayerSpikes[], examples: number): void {
    this.#examples += examples;
    for (const { name, neurons, spikes } of activity) {
      const total = this.#layers.get(name) ?? { neurons, spikes: [], chances: 0 };
      for (const [t, count] of spikes.entries()) total.spikes[t] = (total.spikes[t] ?? 0) + count;
      total.chances += examples * neurons * spikes.length;
      this.#layers.set(name, total);
    }
  }

  /** Layers from input to output, spikes over all examples; none for an ANN. */
  layers(): LayerSpikes[] {
    return [...this.#layers].map(([name, { neurons, spikes }]) => ({ name, neurons, spikes: [...spikes] }));
  }

  /** Spikes per neuron and example over all timesteps, by layer; may exceed 1. The examples must be of one size. */
  perExample(): Record<string, number> {
    return this.#byLayer(({ neurons, spikes }) => sum(spikes) / Math.max(1, this.#examples * neurons));
  }

  /** Spikes per neuron and timestep, by layer, in [0, 1]; sizes and numbers of timesteps may differ between passes. */
  perTimestep(): Record<string, number> {
    return this.#byLayer(({ spikes, chances }) => sum(spikes) / Math.max(1, chances));
  }

  /** Layers that never fired, after at least one example. */
  silentLayers(): string[] {
    if (this.#examples === 0) return [];
    return [...this.#layers].flatMap(([name, { spikes }]) => (sum(spikes) === 0 ? [name] : []));
  }

  /** A copy as plain data. */
  toJSON(): SavedSpikeCounts {
    return { examples: this.#examples, layers: this.layers() };
  }

  /**
   * The counts that {@link toJSON} gave.
   *
   * @param saved - read, never written
   */
  static from({ examples, layers }: SavedSpikeCounts): SpikeCounts {
    const counts = new SpikeCounts();
    counts.add(layers, examples);
    return counts;
  }

  #byLayer(value: (total: Total) => number): Record<string, number> {
    return Object.fromEntries([...this.#layers].map(([name, total]) => [name, value(total)]));
  }
}

function sum(spikes: readonly number[]): number {
  return spikes.reduce((total, count) => total + count, 0);
}
