import { describe, expect, it } from "vitest";
import { add, avgPool2d, conv2d, mul, reshape, scope, type Tensor, tensorFrom } from "../../engine/index.js";
import { OptionError, ShapeError } from "../../errors.js";
import { type NirGraph, type NirNode, type NirTensor, runNir } from "./index.js";

const tensor = (shape: readonly number[], ...values: number[]): NirTensor => ({
  shape,
  data: Float32Array.from(values),
});
/** Values that repeat at no distance of a kernel. */
const varied = (...shape: number[]): NirTensor => {
  const size = shape.reduce((product, edge) => product * edge, 1);
  return { shape, data: Float32Array.from({ length: size }, (_, i) => ((i * 37) % 23) / 8 - 1) };
};

/** `input` → `node` → `output`. */
function chain(node: NirNode, input: readonly number[], output: readonly number[], metadata = {}): NirGraph {
  return {
    type: "NIRGraph",
    nodes: new Map<string, NirNode>([
      ["input", { type: "Input", shape: input }],
      ["node", node],
      ["output", { type: "Output", shape: output }],
    ]),
    edges: [
      ["input", "node"],
      ["node", "output"],
    ],
    metadata,
  };
}

/** What leaves the graph at each timestep. */
const outputs = (graph: NirGraph, frames: readonly NirTensor[], options = {}) =>
  Array.from(runNir(graph, frames, options), (values) => [...values.get("output")!.data]);
const ones = (times: number, value = 1) => Array.from({ length: times }, () => tensor([1], value));

describe("runNir", () => {
  const r = tensor([1], 4);
  const [vLeak, vThreshold, vReset] = [tensor([1], 0), tensor([1], 1.5), tensor([1], -0.5)];

  it.each<[string, NirNode, readonly number[]]>([
    // dt·R = 1 a step: 1, 2 fires and resets to −0.5, 0.5, 1.5 is not above the threshold, 2.5 fires
    ["IF", { type: "IF", r, vThreshold, vReset }, [0, 1, 0, 0, 1]],
    ["I", { type: "I", r }, [1, 2, 3, 4, 5]],
    // dt/τ = ½: v ← v/2 + 2
    ["LI", { type: "LI", tau: tensor([1], 0.5), r, vLeak }, [2, 3, 3.5, 3.75, 3.875]],
    // v ← v/2 + ½·(1 + 4·1): 2.5 fires; −0.25 + 2.5 = 2.25 fires
    [
      "LIF",
      { type: "LIF", tau: tensor([1], 0.5), r, vLeak: tensor([1], 1), vThreshold: tensor([1], 2.4), vReset },
      [1, 0, 1, 0, 1],
    ],
    ["Threshold", { type: "Threshold", threshold: tensor([1], 1) }, [0, 0, 0, 0, 0]],
    ["Scale", { type: "Scale", scale: r }, [4, 4, 4, 4, 4]],
  ])("takes NIR's equations step by step: %s", (_, node, expected) => {
    expect(outputs(chain(node, [1], [1]), ones(5), { dt: 0.25 }).flat()).toEqual(expected);
    // The graph's own dt
    expect(outputs(chain(node, [1], [1], { dt: 0.25 }), ones(5)).flat()).toEqual(expected);
  });

  it("begins anew with every call", () => {
    const graph = chain({ type: "I", r }, [1], [1], { dt: 0.25 });
    expect([outputs(graph, ones(1)), outputs(graph, ones(1))]).toEqual([[[1]], [[1]]]);
  });

  it("multiplies with rows of weights", () => {
    const weight = tensor([2, 3], 1, 2, 3, 4, 5, 6);
    const frame = tensor([3], 1, 0, -1);
    expect(outputs(chain({ type: "Linear", weight }, [3], [2]), [frame])).toEqual([[-2, -2]]);
    const affine: NirNode = { type: "Affine", weight, bias: tensor([2], 10, 20) };
    expect(outputs(chain(affine, [3], [2]), [frame])).toEqual([[8, 18]]);
  });

  const [weight, bias] = [varied(4, 2, 3, 3), varied(4)];
  const conv = { type: "Conv2d", weight, bias, groups: 1 } as const;
  const asTensor = ({ data, shape }: NirTensor) => tensorFrom(Float32Array.from(data), shape);
  it.each<[string, NirNode, readonly number[], (x: Tensor) => Tensor]>([
    [
      "strides and dilations",
      { ...conv, stride: [2, 2], padding: [2, 2], dilation: [2, 2] },
      [4, 4, 4],
      (x) =>
        add(
          conv2d(x, asTensor(weight), { stride: 2, padding: 2, dilation: 2 }),
          reshape(asTensor(bias), [4, 1, 1]),
        ),
    ],
    [
      "groups",
      { ...conv, weight: varied(4, 1, 3, 3), groups: 2, stride: [1, 1], padding: "same", dilation: [1, 1] },
      [4, 7, 8],
      (x) =>
        add(
          conv2d(x, asTensor(varied(4, 1, 3, 3)), { padding: 1, groups: 2 }),
          reshape(asTensor(bias), [4, 1, 1]),
        ),
    ],
    [
      "mean",
      { type: "AvgPool2d", kernelSize: [3, 3], stride: [2, 2], padding: [1, 1] },
      [2, 4, 4],
      (x) => avgPool2d(x, { kernelSize: 3, stride: 2, padding: 1 }),
    ],
    [
      "sum",
      { type: "SumPool2d", kernelSize: [3, 3], stride: [2, 2], padding: [1, 1] },
      [2, 4, 4],
      (x) => mul(avgPool2d(x, { kernelSize: 3, stride: 2, padding: 1 }), 9),
    ],
  ])("moves windows as libtorch does: %s", (_, node, output, reference) => {
    const frame = varied(2, 7, 8);
    const [received] = outputs(chain(node, [2, 7, 8], output), [frame]);
    const expected = scope("reference", () =>
      reference(tensorFrom(Float32Array.from(frame.data), [1, 2, 7, 8])).toFloat32Array(),
    );
    expect(received).toHaveLength(expected.length);
    for (const [i, value] of expected.entries()) expect(received![i]).toBeCloseTo(value, 4);
  });

  it("moves windows by height and width apart", () => {
    const node: NirNode = {
      ...{ type: "Conv2d", weight: tensor([1, 1, 2, 2], 1, 10, 100, 1000), bias: tensor([1], 0), groups: 1 },
      ...{ stride: [2, 1], padding: [0, 1], dilation: [1, 2] },
    };
    const frame = tensor([1, 3, 4], 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    expect(outputs(chain(node, [1, 3, 4], [1, 1, 4]), [frame])).toEqual([[6020, 7531, 8642, 703]]);
  });

  it("adds up what meets in a node, whatever the order of nodes and edges", () => {
    const graph: NirGraph = {
      type: "NIRGraph",
      nodes: new Map<string, NirNode>([
        ["output", { type: "Output", shape: [4] }],
        ["flat", { type: "Flatten", startDim: 0, endDim: -1 }],
        ["twice", { type: "Scale", scale: tensor([2, 2], 2, 2, 2, 2) }],
        ["input", { type: "Input", shape: [2, 2] }],
      ]),
      edges: [
        ["flat", "output"],
        ["twice", "flat"],
        ["input", "flat"],
        ["input", "twice"],
      ],
    };
    expect(outputs(graph, [tensor([2, 2], 1, 2, 3, 4)])).toEqual([[3, 6, 9, 12]]);
  });

  it.each<[string, NirGraph, string]>([
    [
      "a circle",
      {
        ...chain({ type: "I", r }, [1], [1]),
        edges: [
          ["input", "node"],
          ["node", "output"],
          ["output", "node"],
        ],
      },
      "runNir: expected a graph without circles, received node → output → node; NIR does not say when a circle's values arrive, run it where it was made",
    ],
    [
      "a node that feeds itself",
      {
        ...chain({ type: "I", r }, [1], [1]),
        edges: [
          ["input", "node"],
          ["node", "node"],
          ["node", "output"],
        ],
      },
      "received node → node",
    ],
    [
      "no way into a node",
      { ...chain({ type: "I", r }, [1], [1]), edges: [["node", "output"]] },
      "received none into node",
    ],
    ["a node without one meaning", chain({ type: "Delay", delay: r }, [1], [1]), "received Delay node"],
    [
      "two inputs",
      { ...chain({ type: "Input", shape: [1] }, [1], [1]) },
      "expected a graph with one Input, received 2",
    ],
  ])("refuses %s", (_, graph, message) => {
    expect(() => outputs(graph, ones(1))).toThrow(OptionError);
    expect(() => outputs(graph, ones(1))).toThrow(message);
  });

  it("refuses frames of another shape, graphs that do not fit, and no time", () => {
    const graph = chain({ type: "I", r }, [1], [1]);
    expect(() => outputs(graph, [tensor([2], 1, 1)])).toThrow(
      new ShapeError("runNir: expected frames [1], received [2]; give frames of the graph's input"),
    );
    expect(() => outputs(chain({ type: "I", r }, [2], [1]), ones(1))).toThrow(ShapeError);
    expect(() => outputs(graph, ones(1), { dt: 0 })).toThrow("expected dt to be a finite number above 0");
  });
});
