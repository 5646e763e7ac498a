/** The layers of a network whose weights values travel through, with sizes, sources and fan-outs. */
import { type ModelConfig, planNetwork, type Shape, type SizedLayer, sizePlan } from "../models/index.js";
import { axisFanOut, transposedAxisFanOut } from "./fan-out.js";

/**
 * Where a layer's input comes from: the network's own input, spikes, spikes after average pooling (multiples of 1/9),
 * or real values (`scores`): class scores in a decoder, spikes that were resized or added up.
 */
export type InputSource = "image" | "spikes" | "pooled" | "scores";

/** A spiking layer whose spikes are some of another's input channels. */
export interface FeedingLayer {
  /** Its name. */
  readonly name: string;
  /** How many channels. */
  readonly channels: number;
}

/** A layer with weights, without what computes it. */
export interface SynapticLayer {
  /** Key of the weights without `.weight`. */
  readonly name: string;
  /** A hidden convolution, a 1x1 convolution of FCN's skips, a transposed one of its decoder, or the output. */
  readonly kind: "conv" | "skip" | "upsample" | "output";
  /** Where its input comes from. */
  readonly source: InputSource;
  /** The spiking layers whose spikes arrive here, directly or pooled, in the order of the channels; none if values are real. */
  readonly fedBy: readonly FeedingLayer[];
  /** `[C, H, W]` of one pass. */
  readonly input: Shape;
  /** `[C, H, W]` of one pass; an upsampler's before it is resized. */
  readonly output: Shape;
  /**
   * Neurons (in an ANN activations) on the layer's outputs, or on sums that they are the last to enter; 0 if none follow, as
   * behind the output, whose sums over time are no neurons.
   */
  readonly neurons: number;
  /** Whether it is a convolution with neurons right on its outputs; without them it writes real values, as the others do. */
  readonly fires: boolean;
  /** Number of weights, without biases. */
  readonly weights: number;
  /**
   * Rows of the output that each row of the input reaches. The fan-out of a value is the product with its column's and
   * its channel's.
   */
  readonly rowFanOut: Float64Array;
  /** Columns of the output that each column of the input reaches. */
  readonly columnFanOut: Float64Array;
  /** Channels of the output that each channel of the input reaches: all, or of a depthwise convolution 1. */
  readonly channelFanOut: number;
}

/**
 * Multiply-accumulates of one dense pass: every input through every weight that leads to an output.
 *
 * @param layer - only its input's channels and fan-outs are read
 */
export function denseMacs({ input: [channels], rowFanOut, columnFanOut, channelFanOut }: SynapticLayer) {
  return channels * channelFanOut * total(rowFanOut) * total(columnFanOut);
}

/**
 * All layers with weights, from input to scores, for images of one size.
 *
 * @param config - complete
 * @param size - height and width of the network's input in pixels
 */
export function synapticLayers(config: ModelConfig, size: readonly [number, number]): SynapticLayer[] {
  const { layers, output, stages } = sizePlan(planNetwork(config), size);
  const synaptic: SynapticLayer[] = [];
  const kept = new Map<string, Signal>();
  let signal: Signal = { source: "image", fedBy: [] };
  for (const layer of layers) {
    switch (layer.kind) {
      case "keep":
        kept.set(layer.label, signal);
        break;
      case "join":
        signal = joinedSignal(layer, signal, kept.get(layer.label)!);
        break;
      case "pool":
        if (signal.source !== "scores") signal = { ...signal, source: "pooled" };
        break;
      case "skip":
        synaptic.push(pointwise({ ...layer, ...signal }));
        break;
      case "conv":
        synaptic.push(convolution({ ...layer, ...signal }));
        signal = layer.fires ? spikesOf(layer) : sums;
        break;
      case "fire": {
        const last = synaptic.findLastIndex(({ kind }) => kind === "conv");
        const { neurons, ...rest } = synaptic[last]!;
        synaptic[last] = { ...rest, neurons: neurons + elements(layer.output) };
        signal = spikesOf(layer);
        break;
      }
    }
  }
  if (output !== undefined) synaptic.push(pointwise({ ...output, ...signal, kind: "output" }));
  // A decoder that integrates computes once per example, on scores; one that spikes passes spikes on.
  let below: string | undefined;
  for (const { name, upsampler, fires, input, output } of stages) {
    const [channels, height, width] = input;
    synaptic.push({
      ...{ name: upsampler, kind: "upsample", source: below ? "spikes" : "scores", input },
      fedBy: below ? [{ name: below, channels }] : [],
      output: [output[0], 2 * height + 1, 2 * width + 1],
      neurons: config.kind === "snn" && fires ? elements(output) : 0,
      fires: false,
      weights: 9 * channels * output[0],
      rowFanOut: transposedAxisFanOut(height, 3),
      columnFanOut: transposedAxisFanOut(width, 3),
      channelFanOut: output[0],
    });
    below = fires ? name : undefined;
  }
  return synaptic;
}

/** What a map consists of. */
type Signal = Pick<SynapticLayer, "source" | "fedBy">;

const sums: Signal = { source: "scores", fedBy: [] };

function spikesOf({ name, output: [channels] }: Pick<SizedLayer, "name" | "output">): Signal {
  return { source: "spikes", fedBy: [{ name, channels }] };
}

/** Maps side by side are what both are; resized or added up they are real values. */
function joinedSignal(
  { by, input, output }: Extract<SizedLayer, { kind: "join" }>,
  below: Signal,
  kept: Signal,
): Signal {
  const isResized = input[1] !== output[1] || input[2] !== output[2];
  if (isResized || by === "sum") return sums;
  if (by === "size") return below;
  return below.source === kept.source
    ? { source: below.source, fedBy: [...below.fedBy, ...kept.fedBy] }
    : sums;
}

function convolution({
  name,
  source,
  fedBy,
  input,
  output,
  kernelSize,
  depthwise,
  fires,
  ...steps
}: Extract<SizedLayer, { kind: "conv" }> & Signal): SynapticLayer {
  const [inputs, height, width] = input;
  const channelFanOut = depthwise ? 1 : output[0];
  return {
    ...{ name, kind: "conv", source, fedBy, input, output },
    neurons: fires ? elements(output) : 0,
    fires,
    weights: inputs * channelFanOut * kernelSize ** 2,
    rowFanOut: axisFanOut(height, { kernelSize, ...steps }),
    columnFanOut: axisFanOut(width, { kernelSize, ...steps }),
    channelFanOut,
  };
}

function pointwise({
  name,
  kind,
  source,
  fedBy,
  input,
  output,
}: Pick<SynapticLayer, "name" | "kind" | "source" | "fedBy" | "input" | "output">): SynapticLayer {
  const [channels, height, width] = input;
  return {
    ...{ name, kind, source, fedBy, input, output },
    neurons: 0,
    fires: false,
    weights: channels * output[0],
    rowFanOut: new Float64Array(height).fill(1),
    columnFanOut: new Float64Array(width).fill(1),
    channelFanOut: output[0],
  };
}

function elements([channels, height, width]: Shape): number {
  return channels * height * width;
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
