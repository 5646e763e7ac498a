/** A network described layer by layer: output shapes, parameters, operations. Nothing is computed or allocated. */
import { checkInteger } from "../checks/index.js";
import { checkModelConfig } from "./check-model-config.js";
import { companion, planNetwork, pooledSize } from "./layer-plan.js";
import type { ModelConfig } from "./model-config.js";

export interface LayerRow {
  readonly name: string;
  /** What the layer does, such as `conv 3x3, dilation 2`. */
  readonly kind: string;
  /** `[C, H, W]` per example and timestep. */
  readonly shape: readonly [number, number, number];
  readonly parameters: number;
  /** Dense multiply-accumulates per example and timestep; taps that lie outside the image are not counted. */
  readonly macs: number;
}

type Size = readonly [height: number, width: number];
type Shape = readonly [channels: number, height: number, width: number];

/**
 * The layers of a network for inputs of one size, from input to scores.
 *
 * @throws OptionError if the config is not one of a network, or a side is no integer of 1 or more
 */
export function layerTable(config: ModelConfig, imgSize: Size): LayerRow[] {
  checkModelConfig(config);
  for (const side of imgSize) checkInteger("layerTable", "each side of the image", side);
  const plan = planNetwork(config);
  const { numClasses } = config;
  const rows: LayerRow[] = [];
  const skipSizes: Size[] = [];
  let shape: Shape = [config.inputChannels, ...imgSize];
  for (const layer of plan.layers) {
    const [channels, height, width] = shape;
    const size: Size = [height, width];
    if (layer.kind === "pool") {
      shape = [channels, pooledSize(height, layer.stride), pooledSize(width, layer.stride)];
      rows.push({
        name: layer.name,
        kind: `average pool 3x3, stride ${layer.stride}`,
        shape,
        parameters: 0,
        macs: 0,
      });
    } else if (layer.kind === "skip") {
      skipSizes.push(size);
      const weights = convolution(
        { inputs: layer.inputs, outputs: numClasses, kernelSize: 1, dilation: 1 },
        size,
      );
      const parameters = weights.parameters + numClasses;
      rows.push({
        ...weights,
        name: layer.name,
        kind: "skip scores 1x1",
        shape: [numClasses, ...size],
        parameters,
      });
    } else {
      const { kernelSize: side, dilation, outputs } = layer;
      shape = [outputs, height, width];
      const weights = withBias(convolution(layer, size), config, outputs);
      const kind = `conv ${side}x${side}${dilation > 1 ? `, dilation ${dilation}` : ""}`;
      rows.push({ name: layer.name, kind, shape, ...weights }, ...normRows(config, layer.name, shape));
      if (config.kind === "ann" && config.activationLevels) {
        const kind = `quantised ReLU of ${config.activationLevels} levels`;
        rows.push({ name: companion("act", layer.name), kind, shape, parameters: 1, macs: 0 });
      }
    }
  }
  const [, ...deepest] = shape;
  if (plan.output !== undefined) {
    const { name, inputs } = plan.output;
    const scores = convolution({ inputs, outputs: numClasses, kernelSize: 1, dilation: 1 }, deepest);
    const weights = withBias(scores, config, numClasses);
    rows.push({ name, kind: "scores 1x1", shape: [numClasses, ...deepest], ...weights });
    rows.push({
      name: "output",
      kind: "bilinear resize",
      shape: [numClasses, ...imgSize],
      parameters: 0,
      macs: 0,
    });
    return rows;
  }
  let from = skipSizes.pop()!;
  for (const [stage, to] of skipSizes.reverse().entries()) {
    rows.push(decoderRow(stage, { from, to, numClasses }));
    from = to;
  }
  return rows;
}

function withBias<T extends { parameters: number }>(row: T, config: ModelConfig, outputs: number): T {
  return config.convBias ? { ...row, parameters: row.parameters + outputs } : row;
}

/** Batch norm through time learns a scale per timestep and channel; the ANN's learns nothing. */
function normRows(config: ModelConfig, layer: string, shape: Shape): LayerRow[] {
  if (!config.batchNorm) return [];
  const parameters = config.kind === "snn" ? config.timesteps * shape[0] : 0;
  const kind = config.kind === "snn" ? "batch norm through time, LIF" : "batch norm, ReLU";
  return [{ name: companion("bn", layer), kind, shape, parameters, macs: 0 }];
}

/** Stage of FCN's decoder: transposed 3x3 of stride 2, where each input pixel meets all 9 taps. */
function decoderRow(
  stage: number,
  { from, to, numClasses }: { readonly from: Size; readonly to: Size; readonly numClasses: number },
): LayerRow {
  const parameters = 9 * numClasses * numClasses;
  return {
    name: `upsample.${stage}`,
    kind: "transposed conv 3x3, resize, add skip",
    shape: [numClasses, ...to],
    parameters,
    macs: parameters * from[0] * from[1],
  };
}

function convolution(
  {
    inputs,
    outputs,
    kernelSize,
    dilation,
  }: {
    readonly inputs: number;
    readonly outputs: number;
    readonly kernelSize: number;
    readonly dilation: number;
  },
  [height, width]: Size,
): { parameters: number; macs: number } {
  const taps = tapsInside(height, { kernelSize, dilation }) * tapsInside(width, { kernelSize, dilation });
  return { parameters: inputs * outputs * kernelSize ** 2, macs: inputs * outputs * taps };
}

/** Pairs of output position and tap along one axis whose input lies inside the image. */
function tapsInside(
  size: number,
  { kernelSize, dilation }: { readonly kernelSize: number; readonly dilation: number },
): number {
  const reach = (kernelSize - 1) / 2;
  let pairs = 0;
  for (let tap = -reach; tap <= reach; tap++) pairs += Math.max(0, size - Math.abs(tap) * dilation);
  return pairs;
}
