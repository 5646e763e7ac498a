/** The layers of a network whose weights values travel through, with sizes, sources and fan-outs. */
import { type ModelConfig, planNetwork, type Shape, sizePlan } from "../models/index.js";
import { axisFanOut, transposedAxisFanOut } from "./fan-out.js";

/**
 * Where a layer's input comes from: the network's own input, spikes, spikes after average pooling (multiples of 1/9),
 * or real values (`scores`): class scores in a decoder, maps that were resized and joined.
 */
export type InputSource = "image" | "spikes" | "pooled" | "scores";

/** A layer with weights, without what computes it. */
export interface SynapticLayer {
  /** Key of the weights without `.weight`. */
  readonly name: string;
  /** A hidden convolution, a 1x1 convolution of FCN's skips, a transposed one of its decoder, or the output. */
  readonly kind: "conv" | "skip" | "upsample" | "output";
  /** Where its input comes from. */
  readonly source: InputSource;
  /** The spiking layer whose spikes arrive here, directly or pooled. */
  readonly fedBy: string | undefined;
  /** `[C, H, W]` of one pass. */
  readonly input: Shape;
  /** `[C, H, W]` of one pass; an upsampler's before it is resized. */
  readonly output: Shape;
  /** Number of weights, without biases. */
  readonly weights: number;
  /**
   * Rows of the output that each row of the input reaches. The fan-out of a position is the product with its column's,
   * times the output's channels.
   */
  readonly rowFanOut: Float64Array;
  /** Columns of the output that each column of the input reaches. */
  readonly columnFanOut: Float64Array;
}

/**
 * Multiply-accumulates of one dense pass: every input through every weight that leads to an output.
 *
 * @param layer - only shapes of channels and fan-outs are read
 */
export function denseMacs({ input: [channels], output: [outputs], rowFanOut, columnFanOut }: SynapticLayer) {
  return channels * outputs * total(rowFanOut) * total(columnFanOut);
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
  let source: InputSource = "image";
  let fedBy: string | undefined;
  for (const layer of layers) {
    const { name } = layer;
    if (layer.kind === "keep") continue;
    if (layer.kind === "join") {
      source = "scores";
      fedBy = undefined;
    } else if (layer.kind === "pool") {
      if (source !== "scores") source = "pooled";
    } else if (layer.kind === "skip") {
      synaptic.push(pointwise({ ...layer, kind: "skip", source, fedBy }));
    } else {
      const { input, output, kernelSize, dilation } = layer;
      const [outputs, height, width] = output;
      synaptic.push({
        ...{ name, kind: "conv", source, fedBy, input, output },
        weights: input[0] * outputs * kernelSize ** 2,
        rowFanOut: axisFanOut(height, { kernelSize, dilation }),
        columnFanOut: axisFanOut(width, { kernelSize, dilation }),
      });
      source = "spikes";
      fedBy = name;
    }
  }
  if (output !== undefined) synaptic.push(pointwise({ ...output, kind: "output", source, fedBy }));
  // A decoder that integrates computes once per example, on scores; one that spikes passes spikes on.
  let below: string | undefined;
  for (const { name, upsampler, fires, input, output } of stages) {
    const [channels, height, width] = input;
    synaptic.push({
      ...{ name: upsampler, kind: "upsample", source: below ? "spikes" : "scores", fedBy: below, input },
      output: [output[0], 2 * height + 1, 2 * width + 1],
      weights: 9 * channels * output[0],
      rowFanOut: transposedAxisFanOut(height, 3),
      columnFanOut: transposedAxisFanOut(width, 3),
    });
    below = fires ? name : undefined;
  }
  return synaptic;
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
    weights: channels * output[0],
    rowFanOut: new Float64Array(height).fill(1),
    columnFanOut: new Float64Array(width).fill(1),
  };
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
