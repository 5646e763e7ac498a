/** A folded convolution as a node: batch norm goes into weights and bias. */
import type { FoldedConv } from "../folded-network.js";
import type { NirConv2d } from "./nir-graph.js";

/** Whether its norm is the same at every timestep. */
export function hasOneRow({ shape: [channels = 0], scale, shift }: FoldedConv): boolean {
  return [scale, shift].every((row) => row === undefined || row.length === channels);
}

/** How the kernel moves. */
export interface ConvGeometry {
  /** Height and width of the input. */
  readonly inputShape: readonly [number, number];
  readonly stride?: number;
  readonly dilation?: number;
  readonly depthwise?: boolean;
}

/** `y = (scale·W) * x + shift`, padded so that stride 1 keeps the size. */
export function foldedConv2d(
  { weight, shape, scale, shift }: FoldedConv,
  { inputShape, stride = 1, dilation = 1, depthwise = false }: ConvGeometry,
): NirConv2d {
  const [outputs = 1, , kernelSize = 1] = shape;
  const perChannel = weight.length / outputs;
  const padding = (dilation * (kernelSize - 1)) / 2;
  return {
    ...{ type: "Conv2d", inputShape },
    weight: {
      shape,
      data: scale ? weight.map((value, i) => value * scale[Math.floor(i / perChannel)]!) : weight,
    },
    ...{ stride: [stride, stride], padding: [padding, padding], dilation: [dilation, dilation] },
    groups: depthwise ? outputs : 1,
    bias: { shape: [outputs], data: shift ?? new Float32Array(outputs) },
  };
}
