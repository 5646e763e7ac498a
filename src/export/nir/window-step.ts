/** Convolutions and poolings as plain loops. */
import { windowOf } from "./convolved-maps.js";
import type { NirAvgPool2d, NirConv2d, NirSumPool2d } from "./nir-graph.js";
import { cells } from "./tensors.js";

/** `y[o, y', x'] = b[o] + Σ W[o, c, i, j]·x[g + c, …]`; a pooling has one input channel an output and the same weight everywhere. */
export function windowStep(
  node: NirConv2d | NirAvgPool2d | NirSumPool2d,
  maps: { readonly input: readonly number[]; readonly output: readonly number[] },
): (x: Float32Array) => Float32Array {
  const [inputs = 0, inputHeight = 0, inputWidth = 0] = maps.input;
  const [outputs = 0, height = 0, width = 0] = maps.output;
  const { kernel, stride, dilation, padding } = windowOf(node);
  const [kernelHeight = 0, kernelWidth = 0] = kernel;
  const taps = kernelHeight * kernelWidth;
  const groups = node.type === "Conv2d" ? node.groups : inputs;
  const perGroup = inputs / groups;
  const weightOf = (o: number, c: number, tap: number) => {
    if (node.type === "Conv2d") return node.weight.data[(o * perGroup + c) * taps + tap]!;
    return node.type === "AvgPool2d" ? 1 / taps : 1;
  };
  const at = (x: Float32Array, o: number, [row, column]: readonly [number, number]) => {
    const first = Math.floor(o / (outputs / groups)) * perGroup;
    let total = node.type === "Conv2d" ? node.bias.data[o]! : 0;
    for (let tap = 0; tap < taps; tap++) {
      const y = row * stride[0]! - padding[0]![0] + Math.floor(tap / kernelWidth) * dilation[0]!;
      const z = column * stride[1]! - padding[1]![0] + (tap % kernelWidth) * dilation[1]!;
      if (y < 0 || y >= inputHeight || z < 0 || z >= inputWidth) continue;
      for (let c = 0; c < perGroup; c++) {
        total += weightOf(o, c, tap) * x[((first + c) * inputHeight + y) * inputWidth + z]!;
      }
    }
    return total;
  };
  return (x) =>
    Float32Array.from({ length: cells(maps.output) }, (_, i) => {
      const pixel = i % (height * width);
      return at(x, Math.floor(i / (height * width)), [Math.floor(pixel / width), pixel % width]);
    });
}
