/** Which kernels compute a network, and why. */
import { type FusedSnn, instructionSet, type SpikeActivity } from "../inference/index.js";
import { formatTable } from "./format.js";

export type ExplainedLayer = ReturnType<FusedSnn["describe"]>[number] & {
  /** Spikes per neuron and timestep that the layer fires. */
  readonly density: number | undefined;
};

/** How often layers fire, over all that was run. */
export class SpikeShares {
  readonly #layers = new Map<string, { spikes: number; chances: number }>();

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

export function explainedLayers(
  fused: FusedSnn,
  densities: Readonly<Record<string, number>>,
): ExplainedLayer[] {
  return fused.describe().map((layer) => ({ ...layer, density: densities[layer.name] }));
}

/** For people. */
export function explainLines(layers: readonly ExplainedLayer[]): string {
  const rows = layers.map(({ name, form, weightBytes, density }) => [
    ...[name, form, (weightBytes / 2 ** 10).toFixed(0)],
    density === undefined ? "" : `${(100 * density).toFixed(2)} %`,
  ]);
  const why = [...new Map(layers.map(({ form, reason }) => [form, `${form}: ${reason}`])).values()];
  const table = formatTable([["layer", "kernel", "weights, KiB", "fires"], ...rows], { left: 2 });
  return [table, `instructions: ${instructionSet()}`, ...why].join("\n");
}
