/**
 * Counts the operations of real examples while a network runs, without keeping activations: of every layer's input
 * only the sums per position are taken out of the engine, and each position has one fan-out.
 *
 * A spike into a convolution costs one accumulate per output that it reaches. After average pooling 3x3 a value is
 * k/9 with k spikes in the window: an exact event-driven machine accumulates w/9 once per spike and window, so k
 * accumulates are charged per value and output, and none for the pooling itself. An integer k of a neuron that sends
 * integers is k spikes. Real values (an image that is not
 * encoded, FCN's deepest scores, an ANN's activations) cost multiply-accumulates, zeros included.
 */
import {
  abs,
  amax,
  call,
  div,
  mul,
  scope,
  splitFirst,
  sub,
  sum,
  type Tensor,
  tensorFrom,
  toDevice,
  toDType,
} from "../engine/index.js";
import { OptionError } from "../errors.js";
import type { ForwardObserver, ModelConfig } from "../models/index.js";
import type { LifResult } from "../neurons/index.js";
import type { AuxiliaryOperations } from "./auxiliary-operations.js";
import { type CountedNetwork, countedNetwork } from "./counted-network.js";
import type { LayerOperations } from "./layer-operations.js";
import { denseMacs, type SynapticLayer } from "./synaptic-layers.js";

/** Operations of a network, per example. */
export interface NetworkOperations {
  /** Of the network that was counted. */
  readonly kind: ModelConfig["kind"];
  /** Timesteps; 1 for an ANN. */
  readonly timesteps: number;
  /** D: the most spikes of a neuron in a timestep (default 1). */
  readonly levels?: number;
  /** Examples that were averaged over. */
  readonly examples: number;
  /** Layers with weights, from input to scores. */
  readonly layers: readonly LayerOperations[];
  /** All that is not a synapse: neurons, normalisation, pooling, resizing, encoding. */
  readonly auxiliary: readonly AuxiliaryOperations[];
  /** Spiking neurons. */
  readonly neurons: number;
  /** Spikes of these neurons. */
  readonly spikes: number;
}

interface Tally {
  passes: number;
  events: number;
  synaptic: number;
  unit: number;
  real: boolean;
}

/**
 * An observer of a network's runs; {@link OperationCounter.operations} gives the averages so far.
 *
 * @example
 * import { createModel, scope } from "snnseg";
 * import { OperationCounter } from "snnseg/energy";
 * import { rand } from "snnseg/ops";
 *
 * const settings = { inputChannels: 3, numClasses: 2, timesteps: 2, threshold: 0.1 };
 * const model = createModel({ kind: "snn", arch: "dl-vgg9", ...settings });
 * model.setTraining(false);
 * const observer = new OperationCounter(model.config, [16, 16]);
 * scope("count", () => void model.forward(rand([1, 3, 16, 16], 1), { observer }));
 * for (const { name, accumulates, multiplyAccumulates } of observer.operations().layers) {
 *   console.log(name, accumulates, multiplyAccumulates);
 * }
 * model.dispose();
 */
export class OperationCounter implements ForwardObserver {
  readonly #network: CountedNetwork;
  readonly #layers: ReadonlyMap<string, SynapticLayer>;
  readonly #tallies = new Map<string, Tally>();
  readonly #spikes = new Map<string, { readonly neurons: number; readonly count: number }>();
  readonly #amplitudes = new Map<string, number | readonly number[]>();
  #examples = 0;
  #timesteps = 1;
  #firstStep = 0;

  /**
   * For a network of this library.
   *
   * @param config - complete; `config` of the model that runs
   * @param size - height and width of the network's input in pixels
   */
  constructor(config: ModelConfig, size: readonly [number, number]);
  /**
   * For a network of your own, whose `forward` tells its observer of `input` and `fired`.
   *
   * @param network - its layers under the names that `forward` tells
   */
  constructor(network: CountedNetwork);
  constructor(...described: [ModelConfig, readonly [number, number]] | [CountedNetwork]) {
    this.#network = described.length === 2 ? countedNetwork(...described) : described[0];
    this.#layers = new Map(this.#network.layers.map((layer) => [layer.name, layer]));
  }

  started(firstStep: number): void {
    this.#firstStep = firstStep;
  }

  /**
   * Counts what enters a layer.
   *
   * @param name - key of the layer's weights without `.weight`
   * @param x - `[T', N, C, H, W]`, or `[N, C, H, W]` once for all timesteps; read, never written
   */
  input(name: string, x: Tensor): void {
    const layer = this.#layers.get(name)!;
    const timed = x.shape.length === 5;
    const batch = x.shape[timed ? 1 : 0]!;
    if (layer.source === "image" && this.#firstStep === 0) this.#examples += batch;
    const tally = this.#tallies.get(name) ?? { passes: 0, events: 0, synaptic: 0, unit: 0, real: false };
    this.#tallies.set(name, tally);
    tally.passes += timed ? x.shape[0]! * batch : batch;
    if (timed) this.#timesteps = this.#firstStep + x.shape[0]!;
    scope("count operations", () => {
      const frames = timed ? x : splitFirst(x, 1);
      const present = call("aten::ne.Scalar", [frames, 0]);
      const { count, reached } = weigh(layer, sum(present, [0, 1, 2], { dtype: "float32" }));
      tally.events += count;
      tally.synaptic += reached;
      tally.real ||= this.#isReal(layer, frames);
      const amplitudes = this.#amplitudesAt(layer);
      // A pooled value is k/9 amplitudes, in bfloat16 only roughly so.
      const windows = layer.source === "pooled" ? 9 : 1;
      const binary = (this.#network.levels ?? 1) === 1 && amplitudes.every((amplitude) => amplitude === 1);
      tally.unit +=
        windows === 1 && binary
          ? reached
          : weigh(layer, sum(spikesIn(frames, { amplitudes, windows }), [0, 1, 2])).reached;
    });
  }

  /**
   * Counts a layer's spikes.
   *
   * @param name - name of the spiking layer
   * @param result - of a chunk of timesteps; read, never written
   */
  fired(name: string, result: LifResult): void {
    const count = result.counts.toNumbers().reduce((a, b) => a + b, 0);
    const neurons = elements(result.spikes.shape.slice(-3));
    this.#spikes.set(name, { neurons, count: (this.#spikes.get(name)?.count ?? 0) + count });
    const { amplitude } = result;
    this.#amplitudes.set(name, typeof amplitude === "number" ? amplitude : amplitude.toNumbers());
  }

  /**
   * Averages over all examples seen.
   *
   * @throws OptionError before the first one
   */
  operations(): NetworkOperations {
    const { kind, auxiliary, levels = 1 } = this.#network;
    const timesteps = this.#timesteps;
    if (this.#examples === 0) {
      throw new OptionError(
        "operation counts: expected at least one example, received none; run the network first",
      );
    }
    const fired = [...this.#spikes];
    const spikesPerExample = new Map(fired.map(([name, { count }]) => [name, count / this.#examples]));
    const layers = [...this.#layers.values()].map((layer) => this.#layerOperations(layer, timesteps));
    return {
      kind,
      timesteps,
      ...(levels === 1 ? {} : { levels }),
      examples: this.#examples,
      layers,
      auxiliary: auxiliary({ timesteps, spikes: spikesPerExample, layers }),
      neurons: fired.reduce((sum, [, { neurons }]) => sum + neurons, 0),
      spikes: [...spikesPerExample.values()].reduce((a, b) => a + b, 0),
    };
  }

  /** A layer that works on sums over time: once per example, on real values (FCN's integrating decoder). */
  #onceOnSums(layer: SynapticLayer): Tally {
    const passes = this.#examples;
    const synaptic = passes * denseMacs(layer);
    return { passes, events: passes * elements(layer.input), synaptic, unit: 0, real: true };
  }

  /** What a spike is worth in each of a layer's input channels, or in all of them. */
  #amplitudesAt({ fedBy }: SynapticLayer): readonly number[] {
    const all = fedBy.flatMap(({ name, channels }) => {
      const own = this.#amplitudes.get(name) ?? 1;
      return Array.from({ length: channels }, (_, c) =>
        typeof own === "number" ? own : own[c % own.length]!,
      );
    });
    return all.length === 0 ? [1] : all;
  }

  #isReal(layer: SynapticLayer, x: Tensor): boolean {
    if (this.#network.kind === "ann" || layer.source === "scores") return true;
    if (layer.source !== "image") return false;
    const magnitude = abs(x);
    return amax(abs(mul(magnitude, sub(magnitude, 1)))).item() > 0;
  }

  #layerOperations(layer: SynapticLayer, timesteps: number): LayerOperations {
    const tally = this.#tallies.get(layer.name) ?? this.#onceOnSums(layer);
    const perExample = (total: number) => total / this.#examples;
    const passes = perExample(tally.passes);
    const macs = denseMacs(layer);
    const feeding = layer.fedBy.map(({ name }) => this.#spikes.get(name)!);
    const total = (of: (each: { neurons: number; count: number }) => number) =>
      feeding.reduce((sum, each) => sum + of(each), 0);
    const rate =
      feeding.length > 0 && feeding.every(Boolean)
        ? total(({ count }) => count) / (this.#examples * total(({ neurons }) => neurons) * timesteps)
        : tally.events / (tally.passes * elements(layer.input));
    return {
      name: layer.name,
      kind: layer.kind,
      source: layer.source,
      input: tally.real ? "real" : layer.source === "pooled" ? "pooled" : "events",
      inputs: elements(layer.input),
      outputs: elements(layer.output),
      neurons: layer.neurons,
      fires: layer.fires,
      weights: layer.weights,
      passes,
      denseMacs: macs,
      events: perExample(tally.events),
      synapticOperations: perExample(tally.synaptic),
      accumulates: tally.real ? 0 : perExample(tally.unit),
      multiplyAccumulates: tally.real ? macs * passes : 0,
      shortcut: tally.real ? macs * passes : rate * macs * passes,
    };
  }
}

/** Whole numbers of spikes behind values of so much each, `[T, N, C, H, W]`; pooled ones are shares of a window. */
function spikesIn(
  frames: Tensor,
  { amplitudes, windows }: { readonly amplitudes: readonly number[]; readonly windows: number },
): Tensor {
  const values = mul(toDType(frames, "float32"), windows);
  const worth = toDevice(tensorFrom(Float32Array.from(amplitudes), [amplitudes.length, 1, 1]), frames.device);
  return call("aten::round", [div(values, worth)]);
}

/** Σ over positions of the whole numbers in `perPosition` (`[H, W]`), plain and times the fan-out. */
function weigh(layer: SynapticLayer, perPosition: Tensor): { count: number; reached: number } {
  const sums = perPosition.toFloat32Array();
  const { rowFanOut, columnFanOut, channelFanOut } = layer;
  const width = columnFanOut.length;
  let count = 0;
  let reached = 0;
  for (let i = 0; i < sums.length; i++) {
    const value = sums[i]!;
    count += value;
    reached += value * rowFanOut[Math.floor(i / width)]! * columnFanOut[i % width]!;
  }
  return { count, reached: reached * channelFanOut };
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
