/** The shapes that a node reads and writes, and whether its own numbers fit together. */
import { convolvedMaps } from "./convolved-maps.js";
import { shown } from "./nir-fault.js";
import { tensorFields } from "./nir-fields.js";
import type { NirGraph, NirNode, NirTensor } from "./nir-graph.js";
import type { NodeMaps, NodePlace } from "./node-place.js";
import { cells } from "./tensors.js";

/** @throws what `fault` makes, for a node whose numbers do not fit each other */
export function nodeMaps(node: NirNode, place: NodePlace): NodeMaps {
  if (node.type !== "NIRGraph") {
    for (const [name, tensor] of tensorFields(node)) {
      const { shape, data } = tensor;
      const expected = `${name} of ${data.length} numbers`;
      check(place, expected, tensor, data.length === cells(shape));
    }
  }
  const same = (shape: readonly number[]) => ({ input: shape, output: shape });
  switch (node.type) {
    case "Input":
    case "Output":
      return same(node.shape);
    case "Affine":
    case "Linear": {
      const rows = node.weight.shape.slice(0, -1);
      check(place, "weight of two or more axes", node.weight, node.weight.shape.length >= 2);
      if (node.type === "Affine")
        check(place, `bias ${shown(rows)}`, node.bias, shown(node.bias.shape) === shown(rows));
      return { input: [...rows.slice(0, -1), node.weight.shape.at(-1)!], output: rows };
    }
    case "Scale":
      return same(node.scale.shape);
    case "Delay":
      return same(node.delay.shape);
    case "Threshold":
      return same(node.threshold.shape);
    case "I":
    case "IF":
    case "LI":
    case "LIF":
    case "CubaLI":
    case "CubaLIF":
      for (const [name, value] of tensorFields(node)) {
        if (name === "wIn" && value.data.length === 1) continue;
        const expected = `${name} ${shown(node.r.shape)} as r`;
        check(place, expected, value, shown(value.shape) === shown(node.r.shape));
      }
      return same(node.r.shape);
    case "Conv1d":
    case "Conv2d":
    case "AvgPool2d":
    case "SumPool2d":
      return convolvedMaps(node, place);
    case "Flatten": {
      const input = node.inputType ?? place.before;
      return { input, output: input && flattened(input, node, place) };
    }
    case "NIRGraph":
      return { input: onlyShape(node, "Input"), output: onlyShape(node, "Output") };
  }
}

function check({ at, fault }: NodePlace, expected: string, { shape }: NirTensor, isRight: boolean): void {
  if (!isRight) throw fault({ at, expected, received: shown(shape) });
}

function flattened(
  input: readonly number[],
  { startDim, endDim }: { readonly startDim: number; readonly endDim: number },
  { at, fault }: NodePlace,
): readonly number[] {
  const last = endDim < 0 ? input.length + endDim : endDim;
  if (startDim < 0 || last < startDim || last >= input.length) {
    const received = `${startDim} to ${endDim}`;
    throw fault({ at, expected: `start_dim and end_dim among the axes of ${shown(input)}`, received });
  }
  const middle = input.slice(startDim, last + 1).reduce((product, edge) => product * edge, 1);
  return [...input.slice(0, startDim), middle, ...input.slice(last + 1)];
}

/** Of a graph with one input or output. */
function onlyShape({ nodes }: NirGraph, type: "Input" | "Output"): readonly number[] | undefined {
  const shapes = [...nodes.values()].flatMap((node) => (node.type === type ? [node.shape] : []));
  return shapes.length === 1 ? shapes[0] : undefined;
}
