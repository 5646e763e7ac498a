/**
 * Records how often the neurons of a spiking network fire while it runs: totals per layer and timestep, silent and
 * saturated neurons, activity of the input, where membranes end up. Only totals per neuron are kept, never activations.
 */
import {
  abs,
  add,
  call,
  div,
  keep,
  reshape,
  scope,
  splitFirst,
  sum,
  type Tensor,
  unbind,
} from "../engine/index.js";
import type { ForwardObserver } from "../models/index.js";
import type { LifResult } from "../neurons/index.js";
import { type LayerStatistics, membraneBins, type SpikeStatistics } from "./spike-statistics.js";

interface Tally {
  neurons: number;
  examples: number;
  /** Spikes per timestep. */
  readonly spikes: number[];
  /** Neurons of single examples that never, or always, fired. */
  silent: number;
  saturated: number;
  readonly membranes: Float64Array;
  /** Spikes per neuron over all examples, `[C, H, W]`. */
  perNeuron: Tensor | undefined;
  /** The batch that is running; counted once all its timesteps are known. */
  running: Running | undefined;
}

interface Running {
  readonly batch: number;
  steps: number;
  /** The most spikes of a neuron in a step. */
  readonly levels: number;
  /** Spikes so far, `[N, C, H, W]`. */
  perExample: Tensor;
  /** v after the last timestep, `[N, C, H, W]`. */
  membrane: Tensor;
}

/** What {@link SpikeRecorder} needs of a network; an `SnnModel` is one. */
export interface RecordedNetwork {
  /** Spiking layers by name, from input to output; the first is the one that the network's input reaches. */
  spikingLayers(): ReadonlyMap<
    string,
    {
      /** ϑ: one value, `[C]` or `[C, H, W]`. */
      readonly threshold: Tensor;
    }
  >;
}

/**
 * An observer of a spiking network's runs; the caller disposes it.
 *
 * @example
 * import { createModel, scope } from "snnseg";
 * import { meanRate, SpikeRecorder } from "snnseg/energy";
 * import { rand } from "snnseg/ops";
 *
 * const settings = { inputChannels: 3, numClasses: 2, timesteps: 2, threshold: 0.1 };
 * const model = createModel({ kind: "snn", arch: "dl-vgg9", ...settings });
 * model.setTraining(false);
 * const observer = new SpikeRecorder(model);
 * scope("record", () => void model.forward(rand([1, 3, 16, 16], 1), { observer }));
 * const statistics = observer.statistics();
 * console.log(meanRate(statistics), statistics.layers.map(({ name, silentShare }) => [name, silentShare]));
 * observer.dispose();
 * model.dispose();
 */
export class SpikeRecorder implements ForwardObserver, Disposable {
  readonly #model: RecordedNetwork;
  readonly #inputLayer: string;
  readonly #tallies = new Map<string, Tally>();
  readonly #inputEvents: number[] = [];
  #inputElements = 0;
  #inputMagnitude = 0;
  #firstStep = 0;

  /** @param model - whose thresholds are read while it runs; must outlive the recorder */
  constructor(model: RecordedNetwork) {
    this.#model = model;
    this.#inputLayer = model.spikingLayers().keys().next().value!;
  }

  started(firstStep: number): void {
    this.#firstStep = firstStep;
    if (firstStep === 0) this.#finish();
  }

  /**
   * Counts what enters the network's first layer; of others nothing.
   *
   * @param name - key of the layer's weights without `.weight`
   * @param x - `[T', N, C, H, W]`, or `[N, C, H, W]` once for all timesteps; read, never written
   */
  input(name: string, x: Tensor): void {
    if (name !== this.#inputLayer) return;
    scope("record input", () => {
      const frames = x.shape.length === 5 ? x : splitFirst(x, 1);
      const [, ...rest] = frames.shape;
      if (this.#firstStep === 0) this.#inputElements += rest.reduce((product, size) => product * size, 1);
      const present = sum(call("aten::ne.Scalar", [frames, 0]), [1, 2, 3, 4], { dtype: "float64" });
      addFrom(this.#inputEvents, this.#firstStep, present.toNumbers());
      this.#inputMagnitude += sum(abs(frames), [], { dtype: "float64" }).item();
    });
  }

  /**
   * Counts a layer's spikes, and looks at its membranes.
   *
   * @param name - name of the spiking layer
   * @param result - of a chunk of timesteps; read, never written
   */
  fired(name: string, { spikes, amplitude, levels, counts, membrane }: LifResult): void {
    scope("record spikes", () => {
      const [steps = 0, batch = 1, ...neuronShape] = spikes.shape;
      const tally = this.#tallies.get(name) ?? newTally(neuronShape);
      this.#tallies.set(name, tally);
      addFrom(tally.spikes, this.#firstStep, counts.toNumbers());
      const worth = sum(call("aten::detach", [spikes]), [0]); // [N, C, H, W]
      const fired = amplitude === 1 ? worth : call("aten::round", [div(worth, amplitude)]);
      const { running } = tally;
      if (running === undefined) {
        tally.running = {
          batch,
          steps,
          levels,
          perExample: keep(fired),
          membrane: keep(call("aten::detach", [membrane])),
        };
        return;
      }
      const { perExample: before, membrane: passed } = running;
      running.steps += steps;
      running.perExample = keep(add(before, fired));
      running.membrane = keep(call("aten::detach", [membrane]));
      before.dispose();
      passed.dispose();
    });
  }

  /** Counts the batch that has run. */
  #finish(): void {
    for (const [name, tally] of this.#tallies) {
      const { running } = tally;
      if (running === undefined) continue;
      const { batch, steps, levels, perExample, membrane } = running;
      scope("record batch", () => {
        tally.examples += batch;
        tally.silent += countEqual(perExample, 0);
        const { threshold } = this.#model.spikingLayers().get(name)!;
        tally.saturated += countEqual(perExample, steps * levels);
        const total = sum(perExample, [0]);
        const before = tally.perNeuron;
        tally.perNeuron = keep(before ? add(before, total) : total);
        before?.dispose();
        addHistogram(tally.membranes, inThresholds(membrane, threshold));
      });
      perExample.dispose();
      membrane.dispose();
      tally.running = undefined;
    }
  }

  /** What was recorded so far. */
  statistics(): SpikeStatistics {
    this.#finish();
    const steps = this.#inputEvents.length;
    return {
      input: {
        perTimestep: this.#inputEvents.map((count) => count / Math.max(1, this.#inputElements)),
        meanMagnitude: this.#inputMagnitude / Math.max(1, this.#inputElements * steps),
        timesteps: steps,
      },
      layers: [...this.#tallies].map(([name, tally]) => layerStatistics(name, tally)),
    };
  }

  /** Frees the counts per neuron and forgets all layers. */
  dispose(): void {
    for (const { perNeuron, running } of this.#tallies.values()) {
      for (const tensor of [perNeuron, running?.perExample, running?.membrane]) tensor?.dispose();
    }
    this.#tallies.clear();
  }

  /** {@link dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

function newTally(neuronShape: readonly number[]): Tally {
  return {
    neurons: neuronShape.reduce((product, size) => product * size, 1),
    examples: 0,
    spikes: [],
    silent: 0,
    saturated: 0,
    membranes: new Float64Array(membraneBins.count),
    perNeuron: undefined,
    running: undefined,
  };
}

function layerStatistics(name: string, tally: Tally): LayerStatistics {
  const { neurons, examples, spikes } = tally;
  const total = spikes.reduce((a, b) => a + b, 0);
  const average = total / examples;
  using never = call("aten::eq.Scalar", [tally.perNeuron!, 0]);
  using dead = sum(never);
  return {
    name,
    neurons,
    examples,
    spikes: total,
    averageSpikes: average,
    rate: average / neurons,
    perTimestep: spikes.map((count) => count / (examples * neurons)),
    silentShare: tally.silent / (examples * neurons),
    saturatedShare: tally.saturated / (examples * neurons),
    deadShare: dead.item() / neurons,
    membranes: Array.from(tally.membranes, (count) => count / (examples * neurons)),
  };
}

/** v/ϑ; a threshold of one value, `[C]` or `[C, H, W]`. */
function inThresholds(membrane: Tensor, threshold: Tensor): Tensor {
  const perChannel = threshold.shape.length === 1 && threshold.numel > 1;
  return div(membrane, perChannel ? reshape(threshold, [threshold.numel, 1, 1]) : threshold);
}

function addHistogram(bins: Float64Array, values: Tensor): void {
  const { from, to, count } = membraneBins;
  const clamped = call("aten::clamp", [values, from, to]);
  // Example by example: float32 counts of a whole batch could pass 2^24 and stop growing.
  for (const example of unbind(clamped)) {
    const histogram = call("aten::histc", [example, count, from, to]).toNumbers();
    for (const [i, value] of histogram.entries()) bins[i]! += value;
  }
}

function countEqual(x: Tensor, value: number): number {
  return sum(call("aten::eq.Scalar", [x, value])).item();
}

/** Adds to the numbers of timesteps from `first` on. */
function addFrom(totals: number[], first: number, amounts: readonly number[]): void {
  for (const [t, amount] of amounts.entries()) totals[first + t] = (totals[first + t] ?? 0) + amount;
}
