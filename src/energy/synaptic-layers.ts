/** The layers of a network whose weights values travel through, with sizes, sources and fan-outs. */
import { type ModelConfig, planNetwork, pooledSize } from "../models/index.js";
import { axisFanOut, transposedAxisFanOut } from "./fan-out.js";

type Shape = readonly [channels: number, height: number, width: number];

/**
 * Where a layer's input comes from: the network's own input, spikes, spikes after average pooling (multiples of 1/9),
 * or class scores (real values, in FCN's decoder).
 */
export type InputSource = "image" | "spikes" | "pooled" | "scores";

export interface SynapticLayer {
  /** Key of the weights without `.weight`. */
  readonly name: string;
  readonly kind: "conv" | "skip" | "upsample" | "output";
  readonly source: InputSource;
  /** The spiking layer whose spikes arrive here, directly or pooled. */
  readonly fedBy: string | undefined;
  readonly input: Shape;
  readonly output: Shape;
  readonly weights: number;
  /** Outputs per channel that a row and a column of the input reach; the fan-out is their product times channels. */
  readonly rowFanOut: Float64Array;
  readonly columnFanOut: Float64Array;
}

/** Multiply-accumulates of one dense pass: every input through every weight that leads to an output. */
export function denseMacs({ input: [channels], output: [outputs], rowFanOut, columnFanOut }: SynapticLayer) {
  return channels * outputs * total(rowFanOut) * total(columnFanOut);
}

/** All layers with weights, from input to scores, for images of one size. */
export function synapticLayers(config: ModelConfig, [height, width]: readonly [number, number]) {
  const plan = planNetwork(config);
  const { numClasses } = config;
  const layers: SynapticLayer[] = [];
  const skips: SynapticLayer[] = [];
  let shape: Shape = [config.inputChannels, height, width];
  let source: InputSource = "image";
  let fedBy: string | undefined;
  for (const layer of plan.layers) {
    const [channels, h, w] = shape;
    if (layer.kind === "pool") {
      shape = [channels, pooledSize(h, layer.stride), pooledSize(w, layer.stride)];
      source = "pooled";
    } else if (layer.kind === "skip") {
      const skip = pointwise({ name: layer.name, kind: "skip", source, fedBy, input: shape }, numClasses);
      skips.push(skip);
      layers.push(skip);
    } else {
      const { name, outputs, kernelSize, dilation } = layer;
      const window = { kernelSize, dilation };
      layers.push({
        ...{ name, kind: "conv", source, fedBy, input: shape, output: [outputs, h, w] },
        weights: channels * outputs * kernelSize ** 2,
        rowFanOut: axisFanOut(h, window),
        columnFanOut: axisFanOut(w, window),
      });
      shape = [outputs, h, w];
      source = "spikes";
      fedBy = name;
    }
  }
  if (plan.output !== undefined) {
    const { name } = plan.output;
    layers.push(pointwise({ name, kind: "output", source, fedBy, input: shape }, numClasses));
    return layers;
  }
  // A decoder that integrates computes once per example, on scores; one that spikes passes spikes on.
  const spiking = !(config.kind === "snn" && config.integratingDecoder);
  let below = skips.pop()!.output;
  for (const [stage, skip] of skips.reverse().entries()) {
    const [, h, w] = below;
    layers.push({
      name: `upsample.${stage}.0`,
      kind: "upsample",
      source: spiking && stage > 0 ? "spikes" : "scores",
      fedBy: spiking && stage > 0 ? `upsample.${stage - 1}` : undefined,
      input: below,
      output: [numClasses, 2 * h + 1, 2 * w + 1],
      weights: 9 * numClasses ** 2,
      rowFanOut: transposedAxisFanOut(h, 3),
      columnFanOut: transposedAxisFanOut(w, 3),
    });
    below = skip.output;
  }
  return layers;
}

function pointwise(
  layer: Pick<SynapticLayer, "name" | "kind" | "source" | "fedBy" | "input">,
  outputs: number,
): SynapticLayer {
  const [channels, height, width] = layer.input;
  return {
    ...layer,
    output: [outputs, height, width],
    weights: channels * outputs,
    rowFanOut: new Float64Array(height).fill(1),
    columnFanOut: new Float64Array(width).fill(1),
  };
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
