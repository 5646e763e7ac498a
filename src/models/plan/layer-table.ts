/** A network described layer by layer: output shapes, parameters, operations. Nothing is computed or allocated. */
import { checkInteger } from "../../checks/index.js";
import { checkModelConfig } from "./check-model-config.js";
import { type ModelConfig, neuronOf, normOf } from "./model-config.js";
import { companion, planNetwork } from "./plan-network.js";
import type { Shape } from "./shapes.js";
import { type SizedLayer, type SizedStage, sizePlan } from "./size-plan.js";

/** A layer in {@link layerTable}. */
export interface LayerRow {
  /** Key of its weights without `.weight`: `features.0`; of batch norm `bn_features.0`. */
  readonly name: string;
  /** What the layer does, such as `conv 3x3, dilation 2`. */
  readonly kind: string;
  /** `[C, H, W]` per example and timestep. */
  readonly shape: Shape;
  /** Trained numbers: weights, biases, scales; thresholds and running statistics are none. */
  readonly parameters: number;
  /** Dense multiply-accumulates per example and timestep; taps that lie outside the image are not counted. */
  readonly macs: number;
}

/**
 * The layers of a network for inputs of one size, from input to scores. Nothing is computed or allocated.
 *
 * @param config - complete, such as the `config` of a model
 * @param imgSize - height and width of the input, in pixels
 * @throws OptionError if the config is not one of a network, or a side is no integer of 1 or more
 * @example
 * ```ts
 * import { modelDefaults } from "snnseg";
 * import { layerTable } from "snnseg/models";
 *
 * const network = { ...modelDefaults, inputChannels: 3, numClasses: 21 };
 * const rows = layerTable({ ...network, kind: "ann", arch: "fcn-vgg9" }, [64, 64]);
 * for (const { name, kind, shape } of rows) console.log(name, kind, shape.join("x"));
 * console.log(rows.reduce((sum, { macs }) => sum + macs, 0) / 1e9, "G multiply-accumulates");
 * ```
 */
export function layerTable(
  config: ModelConfig,
  imgSize: readonly [height: number, width: number],
): LayerRow[] {
  checkModelConfig(config);
  for (const side of imgSize) checkInteger("layerTable", "each side of the image", side);
  const { layers, output, stages } = sizePlan(planNetwork(config), imgSize);
  const rows = layers.flatMap((layer) => layerRows(config, layer));
  if (output === undefined) return [...rows, ...stages.map(decoderRow)];
  const scores = withBias(pointwise(output), config, config.numClasses);
  rows.push({ name: output.name, kind: "scores 1x1", shape: output.output, ...scores });
  const shape = [config.numClasses, ...imgSize] as const;
  return [...rows, { name: "output", kind: "bilinear resize", shape, parameters: 0, macs: 0 }];
}

type SizedConv = Extract<SizedLayer, { kind: "conv" }>;

function layerRows(config: ModelConfig, layer: SizedLayer): LayerRow[] {
  const { name, output: shape } = layer;
  const [channels] = shape;
  switch (layer.kind) {
    case "pool":
      return [{ name, kind: `average pool 3x3, stride ${layer.stride}`, shape, parameters: 0, macs: 0 }];
    case "keep":
      return [];
    case "join":
      return [{ name, kind: `resize, join ${layer.label}`, shape, parameters: 0, macs: 0 }];
    case "skip": {
      const { parameters, macs } = pointwise(layer);
      return [{ name, kind: "skip scores 1x1", shape, parameters: parameters + channels, macs }];
    }
    case "fire":
      return [
        { name, kind: activationOf(config), shape, parameters: 0, macs: 0 },
        ...levelRows(config, name, shape),
      ];
    case "conv":
      return [
        { name, kind: describeConv(layer), shape, ...withBias(convolution(layer), config, channels) },
        ...normRows(config, layer),
        ...(layer.fires ? levelRows(config, name, shape) : []),
      ];
  }
}

/** A quantised ReLU learns its bound. */
function levelRows(config: ModelConfig, layer: string, shape: Shape): LayerRow[] {
  if (config.kind !== "ann" || !config.activationLevels) return [];
  const kind = `quantised ReLU of ${config.activationLevels} levels`;
  return [{ name: companion("act", layer), kind, shape, parameters: 1, macs: 0 }];
}

function describeConv({ kernelSize: side, dilation, stride, depthwise }: SizedConv): string {
  const words = [`${depthwise ? "depthwise " : ""}conv ${side}x${side}`];
  if (dilation > 1) words.push(`dilation ${dilation}`);
  if (stride > 1) words.push(`stride ${stride}`);
  return words.join(", ");
}

function activationOf(config: ModelConfig): string {
  return config.kind === "snn" ? neuronOf(config).name : "ReLU";
}

function withBias<T extends { parameters: number }>(row: T, config: ModelConfig, outputs: number): T {
  return config.convBias ? { ...row, parameters: row.parameters + outputs } : row;
}

/** Batch norm through time learns a scale per timestep and channel; one that timesteps share, up to two per channel. */
function normRows(config: ModelConfig, { name, output: shape, fires }: SizedConv): LayerRow[] {
  if (!config.batchNorm) return [];
  const { words, parameters } = normFacts(config, shape[0]);
  const kind = fires ? `${words}, ${activationOf(config)}` : words;
  return [{ name: companion("bn", name), kind, shape, parameters, macs: 0 }];
}

function normFacts(config: ModelConfig, channels: number): { words: string; parameters: number } {
  const timesteps = config.kind === "snn" ? config.timesteps : 1;
  const form = config.kind === "snn" ? normOf(config)! : (config.norm ?? "plain");
  switch (form) {
    case "bntt":
      return { words: "batch norm through time", parameters: timesteps * channels };
    case "plain":
      return { words: "batch norm", parameters: 0 };
    case "tebn":
      return { words: "batch norm (tebn)", parameters: 2 * channels + timesteps };
    default:
      return { words: `batch norm (${form})`, parameters: 2 * channels };
  }
}

/** Stage of the decoder: transposed 3x3 of stride 2, where each input pixel meets all 9 taps. */
function decoderRow({ name, input: [inputs, height, width], output: shape }: SizedStage): LayerRow {
  const parameters = 9 * inputs * shape[0];
  const macs = parameters * height * width;
  return { name, kind: "transposed conv 3x3, resize, add skip", shape, parameters, macs };
}

/** 1x1 to class scores. */
function pointwise({ input, output: [outputs] }: Pick<SizedLayer, "input" | "output">) {
  return convolution({ input, outputs, kernelSize: 1, dilation: 1, stride: 1, depthwise: false });
}

type Window = Pick<SizedConv, "kernelSize" | "dilation" | "stride">;

function convolution({
  input: [inputs, height, width],
  outputs,
  depthwise,
  ...window
}: Pick<SizedConv, "input" | "outputs" | "depthwise"> & Window): { parameters: number; macs: number } {
  const filters = depthwise ? outputs : inputs * outputs;
  const taps = tapsInside(height, window) * tapsInside(width, window);
  return { parameters: filters * window.kernelSize ** 2, macs: filters * taps };
}

/** Pairs of output position and tap along one axis whose input lies inside the image. */
function tapsInside(size: number, { kernelSize, dilation, stride }: Window): number {
  const reach = (kernelSize - 1) / 2;
  let pairs = 0;
  for (let tap = -reach; tap <= reach; tap++) {
    const offset = tap * dilation;
    const first = Math.ceil(Math.max(0, -offset) / stride);
    const last = Math.floor((size - 1 - Math.max(0, offset)) / stride);
    pairs += Math.max(0, last - first + 1);
  }
  return pairs;
}
