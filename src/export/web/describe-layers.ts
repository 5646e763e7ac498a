/** Layers with weights, as a page shows them. */
import { type NetworkPlan, type Shape, sizePlan } from "../../models/index.js";
import type { LayerDescription } from "../../web/index.js";
import type { ConvInput } from "./lower-network.js";

/** Of a convolution along one axis. */
interface Taps {
  readonly kernelSize: number;
  readonly stride: number;
  readonly dilation: number;
}

/**
 * The layers of a plan for inputs of a size.
 *
 * @param inputs - what each reads, by its name
 */
export function describeLayers(
  plan: NetworkPlan,
  size: readonly [number, number],
  inputs: ReadonlyMap<string, ConvInput>,
): LayerDescription[] {
  const { layers, output, stages } = sizePlan(plan, size);
  const described = (name: string, shape: Shape, operations: number): LayerDescription => ({
    ...{ name, shape, operations, reads: inputs.get(name)?.reads ?? [] },
  });
  const pointwise = ({ name, input, output: to }: { name: string; input: Shape; output: Shape }) =>
    described(name, to, input[0] * to[0] * to[1] * to[2]);
  return [
    ...layers.flatMap((layer) => {
      if (layer.kind === "skip") return [pointwise(layer)];
      if (layer.kind !== "conv") return [];
      const { name, input, output: to, depthwise } = layer;
      const pairs = depthwise ? to[0] : input[0] * to[0];
      const taps = pairs * tapsWithin(layer, input[1], to[1]) * tapsWithin(layer, input[2], to[2]);
      return [described(name, to, taps)];
    }),
    ...(output ? [pointwise(output)] : []),
    // Every value of a transposed convolution's input meets every weight.
    ...stages.map(({ upsampler, input, output: to }) =>
      described(upsampler, to, input[0] * input[1] * input[2] * to[0] * 9),
    ),
  ];
}

/** Pairs of an output row and a tap of it that lies in the map. */
function tapsWithin({ kernelSize, stride, dilation }: Taps, inputs: number, outputs: number): number {
  const padding = (dilation * (kernelSize - 1)) / 2;
  let count = 0;
  for (let y = 0; y < outputs; y++) {
    for (let tap = 0; tap < kernelSize; tap++) {
      const row = y * stride - padding + tap * dilation;
      if (row >= 0 && row < inputs) count++;
    }
  }
  return count;
}
