/** Convolutions as ONNX has them. */
import type { FoldedConv } from "../folded-network.js";
import type { GraphBuilder, Value } from "./graph-builder.js";

/** How a convolution reads; its padding keeps the size. */
export interface ConvShape {
  readonly dilation?: number;
  readonly stride?: number;
  readonly depthwise?: boolean;
}

/** The attributes of a convolution. @param shape - of its weights */
export function convAttributes(
  [outputs = 1, , kernelSize = 1]: readonly number[],
  { dilation = 1, stride = 1, depthwise = false }: ConvShape = {},
) {
  const padding = (dilation * (kernelSize - 1)) / 2;
  return {
    kernel_shape: [kernelSize, kernelSize],
    pads: [padding, padding, padding, padding],
    strides: [stride, stride],
    dilations: [dilation, dilation],
    group: depthwise ? outputs : 1,
  };
}

/** `[N, I, h, w]` → `[N, O, h', w']`, without norm and bias. */
export function convolution(
  graph: GraphBuilder,
  x: Value,
  {
    name,
    node = name,
    folded,
    shape,
  }: {
    readonly name: string;
    readonly node?: string;
    readonly folded: FoldedConv;
    readonly shape?: ConvShape;
  },
): Value {
  const weight = graph.constant(`${name}.weight`, folded.weight, folded.shape);
  return graph.node("Conv", [x, weight], { name: node, attributes: convAttributes(folded.shape, shape) });
}

/** A decoder's transposed convolution of stride 2: `[N, K, h, w]` → `[N, K, 2h+1, 2w+1]`. */
export function upsampling(
  graph: GraphBuilder,
  x: Value,
  { name, folded: { weight, shape } }: { readonly name: string; readonly folded: FoldedConv },
): Value {
  const [, , kernelSize = 1] = shape;
  const attributes = { kernel_shape: [kernelSize, kernelSize], strides: [2, 2] };
  return graph.node("ConvTranspose", [x, graph.constant(`${name}.weight`, weight, shape)], {
    name,
    attributes,
  });
}
