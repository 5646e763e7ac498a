/** The maps that convolutions and poolings read and write. */

import { shown } from "./nir-fault.js";
import type { NirAvgPool2d, NirConv1d, NirConv2d, NirSumPool2d } from "./nir-graph.js";
import type { NodeMaps, NodePlace } from "./node-place.js";

/** A node with a window. */
export type WindowNode = NirConv1d | NirConv2d | NirAvgPool2d | NirSumPool2d;

/** A window that moves over axes; of a padding `before` and behind the axis. */
interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly (readonly [before: number, behind: number])[];
}

/** @throws what `fault` makes, for numbers that do not fit */
export function convolvedMaps(node: WindowNode, place: NodePlace): NodeMaps {
  const { before } = place;
  const window = windowOf(node);
  const axes = window.kernel.length;
  checkWindow(node, window, place);
  if (node.type === "AvgPool2d" || node.type === "SumPool2d") {
    if (before === undefined) return { input: undefined, output: undefined };
    checkRank(before, 1 + axes, place);
    return { input: before, output: [before[0]!, ...moved(before.slice(1), window, place)] };
  }
  const [outputs = 0, perGroup = 0] = node.weight.shape;
  const inputs = perGroup * node.groups;
  const own = typeof node.inputShape === "number" ? [node.inputShape] : node.inputShape;
  const input = own ? [inputs, ...own] : before;
  if (input === undefined) return { input: undefined, output: undefined };
  checkRank(input, 1 + axes, place);
  if (input[0] !== inputs) {
    throw place.fault({ at: place.at, expected: `an input of ${inputs} channels`, received: shown(input) });
  }
  return { input, output: [outputs, ...moved(input.slice(1), window, place)] };
}

/** Kernel, stride, dilation and padding by axis. */
export function windowOf(node: WindowNode): Window {
  if (node.type === "AvgPool2d" || node.type === "SumPool2d") {
    const { kernelSize: kernel, stride } = node;
    return { kernel, stride, dilation: [1, 1], padding: node.padding.map((pixels) => [pixels, pixels]) };
  }
  const kernel = node.weight.shape.slice(2);
  const byAxis = (value: number | readonly [number, number]) => (typeof value === "number" ? [value] : value);
  const dilation = byAxis(node.dilation);
  const padding = kernel.map((length, axis): readonly [number, number] => {
    if (node.padding === "valid") return [0, 0];
    if (node.padding !== "same") {
      const pixels = byAxis(node.padding)[axis]!;
      return [pixels, pixels];
    }
    const all = dilation[axis]! * (length - 1);
    return [Math.floor(all / 2), Math.ceil(all / 2)];
  });
  return { kernel, stride: byAxis(node.stride), dilation, padding };
}

function checkWindow(
  node: WindowNode,
  { stride, dilation, kernel, padding }: Window,
  { at, fault }: NodePlace,
): void {
  const needs = (isRight: boolean, expected: string, received: string) => {
    if (!isRight) throw fault({ at, expected, received });
  };
  const list = (values: readonly number[]) => values.join(" and ");
  if ("weight" in node) {
    const { weight, bias, groups } = node;
    const rank = node.type === "Conv1d" ? 3 : 4;
    needs(weight.shape.length === rank, `weight of ${rank} axes`, shown(weight.shape));
    const [outputs] = weight.shape;
    needs(bias.shape.length === 1 && bias.shape[0] === outputs, `bias [${outputs}]`, shown(bias.shape));
    needs(groups >= 1 && outputs! % groups === 0, `groups that divide ${outputs} channels`, `${groups}`);
    needs(
      node.padding !== "same" || stride.every((step) => step === 1),
      "stride 1 with padding same",
      list(stride),
    );
  }
  needs(
    stride.every((step) => step >= 1),
    "a stride of 1 or more",
    list(stride),
  );
  needs(
    dilation.every((step) => step >= 1),
    "a dilation of 1 or more",
    list(dilation),
  );
  needs(
    kernel.every((length) => length >= 1),
    "a window of 1 or more",
    list(kernel),
  );
  needs(
    padding.flat().every((pixels) => pixels >= 0),
    "a padding of 0 or more",
    list(padding.flat()),
  );
}

function checkRank(input: readonly number[], rank: number, { at, fault }: NodePlace): void {
  if (input.length !== rank)
    throw fault({ at, expected: `an input of ${rank} axes`, received: shown(input) });
}

function moved(
  sizes: readonly number[],
  { kernel, stride, dilation, padding }: Window,
  { at, fault }: NodePlace,
): readonly number[] {
  return sizes.map((size, axis) => {
    const [before, behind] = padding[axis]!;
    const room = size + before + behind - dilation[axis]! * (kernel[axis]! - 1) - 1;
    if (room >= 0) return Math.floor(room / stride[axis]!) + 1;
    throw fault({
      at,
      expected: "a window that fits into its input",
      received: `an input of ${shown(sizes)}`,
    });
  });
}
