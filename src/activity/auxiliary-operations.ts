/**
 * Operations that are not synapses, per example. The field's shortcut leaves them out; with few spikes they are a
 * visible share of an SNN's cost, as every neuron is updated at every timestep whether it fires or not.
 */
import {
  joinWays,
  type ModelConfig,
  planNetwork,
  pooledSize,
  type SizedLayer,
  sizePlan,
} from "../models/index.js";
import type { LayerOperations } from "./layer-operations.js";

/** One part of what is no synapse, per example. */
export interface AuxiliaryOperations {
  /** Which part: a row of the table at {@link auxiliaryOperations}. */
  readonly name:
    | "encoding"
    | "neurons"
    | "normalization"
    | "pooling"
    | "resizing"
    | "skips"
    | "joins"
    | "activation";
  /** Multiplications, each with its addition. */
  readonly multiplyAccumulates: number;
  /** Additions and comparisons. */
  readonly accumulates: number;
  /** Random numbers drawn. */
  readonly draws: number;
}

/** What was counted, per example. */
export interface MeasuredOperations {
  /** T; 1 for an ANN. */
  readonly timesteps: number;
  /** Spikes by spiking layer. */
  readonly spikes: ReadonlyMap<string, number>;
  /** From the input's to the scores', as {@link synapticLayers} lists them. */
  readonly layers: readonly LayerOperations[];
}

type Counts = Pick<AuxiliaryOperations, "multiplyAccumulates" | "accumulates" | "draws">;

/**
 * All that a network computes beside its synapses, part by part.
 *
 * | part | SNN | ANN |
 * |---|---|---|
 * | encoding | events: per input and timestep one draw, one comparison | – |
 * | neurons | per neuron and timestep λ·v + i (1 MAC; IF: 1 AC) and one comparison; one AC per spike | – |
 * | normalization | per output of a hidden convolution and normalised timestep one MAC: its scale changes with the timestep | folded: one AC |
 * | activation | – | per activation one comparison |
 * | pooling | in the synapses | per output one AC per window element inside, one MAC |
 * | resizing | per output 4 MACs; FCN's first two stages and joined maps at every timestep | per output 4 MACs |
 * | joins | joined by sum: per element and timestep one AC | per element one AC |
 * | skips | one AC per score and timestep (the last stage's: once) | one AC per score |
 *
 * @param config - complete
 * @param size - height and width of the network's input in pixels
 * @param measured - for an ANN only its `layers` count
 */
export function auxiliaryOperations(
  config: ModelConfig,
  size: readonly [number, number],
  measured: MeasuredOperations,
): AuxiliaryOperations[] {
  const { timesteps, layers } = measured;
  const { numClasses } = config;
  const hidden = layers.filter((layer) => layer.kind === "conv");
  const sized = sizePlan(planNetwork(config), size);
  const { stages } = sized;
  const joined = sum(sized.layers.map(resizedElements));
  const joins = sum(sized.layers.map(joinAdditions));
  const scores = numClasses * size[0] * size[1];
  const outputs = sum(hidden.map((layer) => layer.outputs));
  const neurons = sum(layers.map((layer) => layer.neurons));
  // The last stage of a decoder is the output.
  const decoder = sum(
    stages.slice(0, -1).map(({ output: [channels, height, width] }) => channels * height * width),
  );
  const decoderSpikes = config.kind === "snn" && stages.some(({ fires }) => fires);
  const decoderSteps = decoderSpikes ? timesteps : 1;
  const rows: AuxiliaryOperations[] = [];
  const add = (name: AuxiliaryOperations["name"], counts: Partial<Counts>) =>
    rows.push({ name, multiplyAccumulates: 0, accumulates: 0, draws: 0, ...counts });
  if (config.kind === "ann") {
    add("activation", { accumulates: neurons });
    if (config.batchNorm || config.convBias) add("normalization", { accumulates: outputs });
    add("pooling", poolingOperations(config, size));
    add("resizing", { multiplyAccumulates: 4 * (scores + decoder + joined) });
    if (joins > 0) add("joins", { accumulates: joins });
    if (stages.length > 0) add("skips", { accumulates: decoder + scores });
    return rows;
  }
  const first = layers[0]!;
  if (first.input === "events") {
    const values = first.inputs * first.passes;
    add("encoding", { accumulates: values, draws: values });
  }
  const updates = neurons * timesteps;
  const spikes = sum([...measured.spikes.values()]);
  add("neurons", {
    multiplyAccumulates: config.leak === 1 ? 0 : updates,
    accumulates: (config.leak === 1 ? 2 : 1) * updates + spikes,
  });
  if (config.batchNorm) {
    add("normalization", { multiplyAccumulates: outputs * Math.min(timesteps, config.timesteps) });
  }
  if (config.convBias) add("normalization", { accumulates: outputs * timesteps });
  add("resizing", { multiplyAccumulates: 4 * (scores + decoder * decoderSteps + joined * timesteps) });
  if (joins > 0) add("joins", { accumulates: joins * timesteps });
  if (stages.length > 0) add("skips", { accumulates: decoder * decoderSteps + scores });
  return rows;
}

/** Elements that a join makes by resizing. */
function resizedElements({ kind, input, output }: SizedLayer): number {
  const [channels, ...size] = input;
  const [, height, width] = output;
  return kind === "join" && size.join() !== [height, width].join() ? channels * height * width : 0;
}

/** Additions of a join. */
function joinAdditions(layer: SizedLayer): number {
  const [channels, height, width] = layer.output;
  return layer.kind === "join" ? joinWays[layer.by].additions * channels * height * width : 0;
}

/** Average pooling 3x3 with padding 1: window elements outside the image cost nothing. */
function poolingOperations(config: ModelConfig, size: readonly [number, number]): Partial<Counts> {
  let accumulates = 0;
  let outputs = 0;
  for (const layer of sizePlan(planNetwork(config), size).layers) {
    if (layer.kind !== "pool") continue;
    const [channels, height, width] = layer.input;
    const [, rows, columns] = layer.output;
    accumulates += channels * windowElements(height, layer.stride) * windowElements(width, layer.stride);
    outputs += channels * rows * columns;
  }
  return { accumulates, multiplyAccumulates: outputs };
}

/** Σ over windows of 3 along one axis of the elements that lie inside. */
function windowElements(size: number, stride: number): number {
  let elements = 0;
  for (let window = 0; window < pooledSize(size, stride); window++) {
    const center = window * stride;
    elements += Math.min(size - 1, center + 1) - Math.max(0, center - 1) + 1;
  }
  return elements;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
