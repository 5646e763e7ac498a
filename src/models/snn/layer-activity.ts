/** How much spiking layers fired, read from what their operators counted. */
import { concat, keep, scope, type Tensor, toDType } from "../../engine/index.js";
import type { LayerActivity } from "../segmentation-model.js";

/** A layer whose counts are still where they were made. */
type Counted = {
  readonly name: string;
  readonly neurons: number;
  /** N · neurons, at least 1. */
  readonly elements: number;
  readonly counts: Tensor;
  readonly excess: Tensor;
};

/**
 * Collects the counts of a forward pass and reads those of all layers at once: each reading from a GPU waits for all that it
 * still has to do.
 */
export class ActivityCounts implements Disposable {
  readonly #layers: Counted[] = [];

  /**
   * @param perExample - shape of the neurons of one example
   * @param result - counts and excess by timestep; kept until this is disposed
   */
  add(
    name: string,
    { batch, perExample }: { readonly batch: number; readonly perExample: readonly number[] },
    { counts, excess }: { readonly counts: Tensor; readonly excess: Tensor },
  ): void {
    const neurons = perExample.reduce((product, size) => product * size, 1);
    const elements = Math.max(1, batch * neurons);
    this.#layers.push({ name, neurons, elements, counts: keep(counts), excess: keep(excess) });
  }

  /** Layers in the order in which they were added. */
  read(): LayerActivity[] {
    if (this.#layers.length === 0) return [];
    const values = scope("read activity", () => {
      // Exact: counts are below 2⁵³.
      const parts = this.#layers.flatMap(({ counts, excess }) => [toDType(counts, "float64"), excess]);
      return concat(parts).toNumbers();
    });
    let read = 0;
    const next = ({ numel }: Tensor) => {
      read += numel;
      return values.slice(read - numel, read);
    };
    return this.#layers.map(({ name, neurons, elements, counts, excess }) => ({
      name,
      neurons,
      spikes: next(counts),
      meanExcess: next(excess).map((value) => value / elements),
    }));
  }

  /** Frees the counts. */
  [Symbol.dispose](): void {
    for (const { counts, excess } of this.#layers.splice(0)) {
      counts.dispose();
      excess.dispose();
    }
  }
}
