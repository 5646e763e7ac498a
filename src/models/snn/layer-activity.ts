/** How much spiking layers fired, read from what their operators counted. */
import { concat, keep, scope, type Tensor, toDType } from "../../engine/index.js";
import type { NeuronLayer } from "../../neurons/index.js";
import type { LayerActivity } from "../segmentation-model.js";

/** A layer whose counts are still where they were made. */
type Counted = {
  readonly name: string;
  /** Neurons of an example. */
  readonly size: number;
  /** N · size, at least 1. */
  readonly elements: number;
  readonly counts: Tensor;
  readonly excess: Tensor;
  readonly neurons: NeuronLayer;
  /** What of the neurons is to be checked, once it is read. */
  readonly numbers: Tensor | undefined;
};

/**
 * Collects the counts of a forward pass and reads those of all layers at once: each reading from a GPU waits for all that it
 * still has to do.
 */
export class ActivityCounts implements Disposable {
  readonly #layers: Counted[] = [];

  /**
   * @param layer - `perExample`: shape of the neurons of one example
   * @param result - counts and excess by timestep; kept until this is disposed
   */
  add(
    name: string,
    {
      batch,
      perExample,
      neurons,
    }: { readonly batch: number; readonly perExample: readonly number[]; readonly neurons: NeuronLayer },
    { counts, excess }: { readonly counts: Tensor; readonly excess: Tensor },
  ): void {
    const size = perExample.reduce((product, side) => product * side, 1);
    const elements = Math.max(1, batch * size);
    const numbers = neurons.numbersToCheck();
    if (numbers !== undefined) keep(numbers);
    this.#layers.push({ name, size, elements, counts: keep(counts), excess: keep(excess), neurons, numbers });
  }

  /**
   * Layers in the order in which they were added.
   *
   * @throws OptionError if a layer on a GPU has a threshold or a leak that no neuron can have
   */
  read(): LayerActivity[] {
    if (this.#layers.length === 0) return [];
    const values = scope("read activity", () => {
      // Exact: counts are below 2⁵³.
      const parts = this.#layers.flatMap(({ counts, excess, numbers }) => [
        toDType(counts, "float64"),
        excess,
        ...(numbers === undefined ? [] : [numbers]),
      ]);
      return concat(parts).toNumbers();
    });
    let read = 0;
    const next = ({ numel }: Tensor) => {
      read += numel;
      return values.slice(read - numel, read);
    };
    return this.#layers.map(({ name, size, elements, counts, excess, neurons, numbers }) => {
      const activity = {
        name,
        neurons: size,
        spikes: next(counts),
        meanExcess: next(excess).map((value) => value / elements),
      };
      if (numbers !== undefined) neurons.checkNumbers(`layer ${name}`, next(numbers));
      return activity;
    });
  }

  /** Frees the counts. */
  [Symbol.dispose](): void {
    for (const { counts, excess, numbers } of this.#layers.splice(0)) {
      for (const tensor of [counts, excess, numbers]) tensor?.dispose();
    }
  }
}
