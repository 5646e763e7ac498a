import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../datasets/fixtures/trees.js";
import { DataFormatError, FileError, OptionError, ShapeError } from "../../errors.js";
import { type Hdf5Set, type Hdf5Tree, writeHdf5 } from "../../events/index.js";
import { Draws } from "../../random/index.js";
import { type NirGraph, type NirNode, type NirScale, type NirTensor, readNir, writeNir } from "./index.js";

const fixture = (name: string) => new URL(`fixtures/${name}`, import.meta.url).pathname;

const cells = (shape: readonly number[]) => shape.reduce((product, edge) => product * edge, 1);
const count = (...shape: number[]): NirTensor => ({
  shape,
  data: Float32Array.from({ length: cells(shape) }, (_, i) => i + 1),
});
const all = (value: number, ...shape: number[]): NirTensor => ({
  shape,
  data: new Float32Array(cells(shape)).fill(value),
});
const synapse = { tauSyn: all(0.25, 3), tauMem: all(0.5, 3), r: all(2, 3), vLeak: all(0, 3) };

/** What `fixtures/make_reference.py` writes. */
const nodes: Readonly<Record<string, NirNode>> = {
  map: { type: "Input", shape: [2, 6, 5] },
  conv: {
    ...{ type: "Conv2d", inputShape: [6, 5], weight: count(3, 2, 3, 3), stride: [2, 1] },
    ...{ padding: [1, 2], dilation: [1, 1], groups: 1, bias: count(3) },
  },
  if: { type: "IF", r: all(1, 3, 3, 7), vThreshold: all(4, 3, 3, 7), vReset: all(-1, 3, 3, 7) },
  mean: { type: "AvgPool2d", kernelSize: [3, 3], stride: [2, 2], padding: [1, 1] },
  sum: { type: "SumPool2d", kernelSize: [2, 2], stride: [2, 2], padding: [0, 0] },
  flat: { type: "Flatten", inputType: [3, 1, 2], startDim: 0, endDim: -1 },
  affine: { type: "Affine", weight: count(4, 6), bias: { shape: [4], data: Float64Array.of(1, 2, 3, 4) } },
  "lif.0": {
    ...{
      type: "LIF",
      tau: all(0.5, 4),
      r: all(2, 4),
      vLeak: all(0, 4),
      vThreshold: count(4),
      vReset: all(0, 4),
    },
    metadata: {
      some: "metadata",
      with: 2,
      share: 0.25,
      data: { shape: [3], data: Float64Array.of(1, 2, 3) },
    },
  },
  linear: { type: "Linear", weight: count(3, 4) },
  li: { type: "LI", tau: all(0.5, 3), r: all(2, 3), vLeak: all(0, 3) },
  // Integers of the file.
  scale: { type: "Scale", scale: { shape: [3], data: Float64Array.of(1, 2, 3) } },
  threshold: { type: "Threshold", threshold: count(3) },
  integrate: { type: "I", r: all(2, 3) },
  cubali: { type: "CubaLI", ...synapse, wIn: all(3, 3) },
  cubalif: { type: "CubaLIF", ...synapse, vThreshold: all(1, 3), vReset: all(0, 3), wIn: count(3) },
  nested: {
    type: "NIRGraph",
    nodes: new Map<string, NirNode>([
      ["in", { type: "Input", shape: [3] }],
      ["wait", { type: "Delay", delay: all(0.125, 3) }],
      ["out", { type: "Output", shape: [3] }],
    ]),
    edges: [
      ["in", "wait"],
      ["wait", "out"],
    ],
  },
  output: { type: "Output", shape: [3] },
  line: { type: "Input", shape: [2, 8] },
  conv1d: {
    ...{ type: "Conv1d", inputShape: 8, weight: count(2, 2, 3), stride: 1, padding: "same" },
    ...{ dilation: 1, groups: 1, bias: count(2) },
  },
  end: { type: "Output", shape: [2, 8] },
  back: { type: "Linear", weight: count(4, 4) },
};
const chained = (names: readonly string[]) => names.slice(1).map((name, i) => [names[i]!, name] as const);
const names = Object.keys(nodes);
const reference: NirGraph = {
  type: "NIRGraph",
  nodes: new Map(Object.entries(nodes)),
  edges: [
    ...[...chained(names.slice(0, 17)), ...chained(names.slice(17, 20))],
    ...([
      ["lif.0", "back"],
      ["back", "lif.0"],
    ] as const),
  ],
  metadata: { text: "größer", more: { deep: "yes" } },
};

const bytesOf = ({ data }: NirTensor) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
const folder = temporaryFolder();

describe("readNir", () => {
  it.each(["reference.nir", "reference-gzip.nir"])(
    "reads every node that the reference writes: %s",
    async (name) => {
      const { version, graph } = await readNir(fixture(name));
      expect(version).toBe("1.0.7");
      expect(graph).toEqual(reference);
      expect(await readNir(await readFile(fixture(name)))).toEqual({ version, graph });
    },
  );

  it("gives back what writeNir wrote, values and precision", async () => {
    expect(await readNir(await writeNir(reference))).toEqual({ version: "1.0.7", graph: reference });
    const large: NirGraph = {
      type: "NIRGraph",
      // Packed in several pieces, of which the last is not full.
      nodes: new Map([["weights", { type: "Linear", weight: count(700, 600) }]]),
      edges: [],
      metadata: { list: ["a", "b"] },
    };
    expect((await readNir(await writeNir(large))).graph).toEqual(large);
  });

  it("reads and writes tensors that no single read may hold, and refuses larger ones before it writes", async () => {
    const one = (...shape: number[]): NirGraph => ({
      ...{ type: "NIRGraph", edges: [] },
      nodes: new Map([["scale", { type: "Scale", scale: all(0.5, ...shape) }]]),
    });
    const large = one(18, 1024, 1024);
    const { graph } = await readNir(await writeNir(large));
    // Not toEqual, which walks through every number.
    const [read, written] = [graph, large].map(({ nodes }) => (nodes.get("scale") as NirScale).scale);
    expect(read!.shape).toEqual(written!.shape);
    expect(Buffer.compare(bytesOf(read!), bytesOf(written!))).toBe(0);
    await expect(writeNir(one(33, 1024, 1024))).rejects.toThrow(
      "write NIR: expected tensors of at most 128 MiB, 2 GiB together, received 132 and 132 MiB; NIR gives every neuron its own numbers, export at a smaller size",
    );
  });

  it("refuses names that HDF5 cannot hold, and graphs that do not fit", async () => {
    const named = (name: string): NirGraph => ({
      ...{ type: "NIRGraph", edges: [] },
      nodes: new Map([[name, { type: "Input", shape: [1] }]]),
    });
    for (const name of ["a/b", "", "."]) await expect(writeNir(named(name))).rejects.toThrow(OptionError);
    const half: NirGraph = {
      ...named("a"),
      nodes: new Map([["a", { type: "AvgPool2d", kernelSize: [1.5, 2], stride: [1, 1], padding: [0, 0] }]]),
    };
    await expect(writeNir(half)).rejects.toThrow(
      "write NIR: expected sizes that are integers, received [1.5,2]",
    );
    const short: NirGraph = {
      ...half,
      nodes: new Map([["a", { type: "I", r: { ...all(1, 2), shape: [3] } }]]),
    };
    await expect(writeNir(short)).rejects.toThrow("write NIR: node a: expected r of 2 numbers, received [3]");
    const edges = [["a", "b"]] as const;
    await expect(writeNir({ ...named("a"), edges })).rejects.toThrow(
      new ShapeError(
        "write NIR: edge a → b: expected names of nodes, received b, which is no node; correct the graph",
      ),
    );
  });

  it("fills in what the reference fills in", async () => {
    const { graph } = await readNir(
      await file({ if: { type: "IF", r: numbers([2], 1, 1), v_threshold: numbers([2], 3, 3) } }),
    );
    expect(graph.nodes.get("if")).toEqual({
      type: "IF",
      r: all(1, 2),
      vThreshold: all(3, 2),
      vReset: all(0, 2),
    });
    const stride = integers([], 2);
    const pool = await file({
      pool: { type: "SumPool2d", kernel_size: stride, stride, padding: integers([1], 0) },
    });
    expect((await readNir(pool)).graph.nodes.get("pool")).toMatchObject({
      kernelSize: [2, 2],
      padding: [0, 0],
    });
  });
});

type Links = InstanceType<typeof import("h5wasm/node").File>;
type Fields = Readonly<Record<string, Hdf5Set | string>>;
const numbers = (shape: readonly number[], ...values: number[]): Hdf5Set => ({
  shape,
  data: Float32Array.from(values),
});
const integers = (shape: readonly number[], ...values: number[]): Hdf5Set => ({
  shape,
  data: BigInt64Array.from(values, BigInt),
});
const text = (value: string): Hdf5Set => ({ shape: [], data: [value] });
const set = (value: Hdf5Set | string) => (typeof value === "string" ? text(value) : value);
const group = (fields: Fields): Hdf5Tree =>
  new Map(Object.entries(fields).map(([name, value]) => [name, set(value)] as const));

/** A file of such nodes, of which `edges` and everything else of the graph may be replaced. */
function file(
  fields: Readonly<Record<string, Fields>>,
  graph: Readonly<Record<string, Hdf5Set | Hdf5Tree>> = {},
) {
  const nodes = new Map(Object.entries(fields).map(([name, value]) => [name, group(value)] as const));
  const all = { type: text("NIRGraph"), nodes, edges: numbers([0]), ...graph };
  return writeHdf5(new Map([["node", new Map(Object.entries(all))]]));
}

const input: Fields = { type: "Input", shape: integers([1], 2) };
const lif: Fields = {
  ...{ type: "LIF", tau: numbers([2], 1, 1), r: numbers([2], 1, 1), v_leak: numbers([2], 0, 0) },
  v_threshold: numbers([2], 1, 1),
};
const conv: Fields = {
  ...{
    type: "Conv2d",
    weight: { shape: [2, 1, 3, 3], data: new Float32Array(18) },
    bias: numbers([2], 0, 0),
  },
  ...{ stride: integers([2], 1, 1), padding: integers([2], 1, 1), dilation: integers([2], 1, 1) },
  groups: integers([], 1),
};
/** The path of a file that was changed with the HDF5 library. */
async function changed(bytes: Uint8Array, change: (open: Links) => void): Promise<string> {
  const path = join(folder, "changed.nir");
  await writeFile(path, bytes);
  const { File, ready } = await import("h5wasm/node");
  await ready;
  const open = new File(path, "a");
  change(open);
  open.close();
  return path;
}

const edge = (...names: string[]): Hdf5Set => ({ shape: [names.length / 2, 2], data: names });

describe("readNir of files that are damaged or foreign", () => {
  const faults: Readonly<Record<string, readonly [() => Promise<Uint8Array>, string]>> = {
    "no graph": [
      () => writeHdf5(new Map([["other", text("x")]])),
      "the graph: expected a group node, received none",
    ],
    "no nodes": [
      () => writeHdf5(new Map([["node", group({ type: "NIRGraph" })]])),
      "the graph: expected a group node/nodes, received none",
    ],
    "no edges": [
      async () =>
        await writeHdf5(
          new Map([
            [
              "node",
              new Map<string, Hdf5Tree | Hdf5Set>([
                ["type", text("NIRGraph")],
                ["nodes", new Map()],
              ]),
            ],
          ]),
        ),
      "the graph: expected a data set edges, received none",
    ],
    "a node on its own": [
      () => writeHdf5(new Map([["node", group(input)]])),
      "node: expected a NIRGraph, received a node of type Input",
    ],
    "an unknown type": [
      () => file({ a: { ...lif, type: "LIFF" } }),
      "node a: expected a node of NIR (Input, Output, Affine, Linear, Scale, Conv1d, Conv2d, AvgPool2d, SumPool2d, Flatten, Delay, Threshold, I, IF, LI, LIF, CubaLI, CubaLIF, NIRGraph), received type LIFF; did you mean LIF?",
    ],
    "a type that is a number": [
      () => file({ a: { ...lif, type: integers([], 3) } }),
      "node a, type: expected one text, received numbers of shape []",
    ],
    "a missing field": [
      () => file({ a: { type: "LIF", tau: numbers([1], 1) } }),
      "node a: expected a data set r, received none",
    ],
    "an unknown field": [
      () => file({ a: { ...lif, soft_reset: integers([], 1) } }),
      "node a: expected LIF with tau, r, v_leak, v_threshold, v_reset and metadata alone, received soft_reset",
    ],
    "a text for numbers": [
      () => file({ a: { ...lif, tau: "long" } }),
      "node a, tau: expected numbers, received texts of shape []",
    ],
    "parameters of two shapes": [
      () => file({ a: { ...lif, tau: numbers([1], 1) } }),
      "node a: expected tau [2] as r, received [1]",
    ],
    "an edge to nowhere": [
      () => file({ a: input }, { edges: edge("a", "b") }),
      "edge a → b: expected names of nodes, received b, which is no node",
    ],
    "an edge twice": [
      () => file({ a: input, b: lif }, { edges: edge("a", "b", "a", "b") }),
      "edge a → b: expected every edge once, received it twice",
    ],
    "edges of three names": [
      () => file({ a: input }, { edges: { shape: [1, 3], data: ["a", "a", "a"] } }),
      "the graph: expected edges of two names, received edges of shape [1,3]",
    ],
    "an edge between two shapes": [
      () => file({ a: { ...input, shape: integers([1], 3) }, b: lif }, { edges: edge("a", "b") }),
      "edge a → b: expected [2], received [3]",
    ],
    "an input of no size": [
      () => file({ a: { ...input, shape: integers([2], 4, 0) } }),
      "node a, shape: expected axes of 1 or more, received [4, 0]",
    ],
    "a weight of three axes": [
      () => file({ a: { ...conv, weight: numbers([2, 1, 1], 1, 1) } }),
      "node a: expected weight of 4 axes, received [2, 1, 1]",
    ],
    "a stride of 0": [
      () => file({ a: { ...conv, stride: integers([], 0) } }),
      "node a: expected a stride of 1 or more, received 0 and 0",
    ],
    "a stride of three": [
      () => file({ a: { ...conv, stride: integers([3], 1, 1, 1) } }),
      "node a, stride: expected two integers, or one for both, received [1, 1, 1]",
    ],
    "a stride with a fraction": [
      () => file({ a: { ...conv, stride: numbers([], 1.5) } }),
      "node a, stride: expected an integer or a list of them, received 1.5",
    ],
    "an unknown padding": [
      () => file({ a: { ...conv, padding: "full" } }),
      "node a, padding: expected same, valid or integers, received full",
    ],
    "groups that do not divide": [
      () => file({ a: { ...conv, groups: integers([], 3) } }),
      "node a: expected groups that divide 2 channels, received 3",
    ],
    "a window larger than its input": [
      () => file({ a: { ...conv, input_shape: integers([2], 2, 2), padding: "valid" } }),
      "node a: expected a window that fits into its input, received an input of [2, 2]",
    ],
  };
  it.each(Object.entries(faults))("names file and node: %s", async (_, [make, message]) => {
    const bytes = await make();
    const path = join(folder, "some.nir");
    await writeFile(path, bytes);
    const error = await readNir(path).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataFormatError);
    expect(String(error)).toContain(`read NIR: ${path}, `);
    expect(String(error)).toContain(message);
    await expect(readNir(bytes)).rejects.toThrow(`read NIR: ${bytes.length} bytes, `);
  });

  it("refuses a file that was cut off, wherever", async () => {
    const bytes = await readFile(fixture("reference.nir"));
    for (const share of [0.001, 0.1, 0.5, 0.999]) {
      const cut = bytes.subarray(0, Math.floor(share * bytes.length));
      await expect(readNir(cut)).rejects.toThrow(DataFormatError);
    }
    await expect(readNir(bytes.subarray(0, -1))).rejects.toThrow(
      "expected a whole file, received one that was cut off",
    );
  });

  it("allocates no sizes that a small file only states", async () => {
    const { r, ...fields } = lif;
    const path = await changed(await file({ a: fields }), (open) => {
      const sizes = { shape: [2, 2], maxshape: [null, null], chunks: [2, 2] };
      const a = open.get("node/nodes/a") as Links;
      a.create_dataset({ name: "r", data: new Float32Array(4), ...sizes }).resize([1e6, 1e6]);
    });
    await expect(readNir(path)).rejects.toThrow("node a: expected at most 2 GiB of numbers, received more");
  });

  it("takes numbers of half precision for no others", async () => {
    await expect(readNir(fixture("half-precision.nir"))).rejects.toThrow(
      "scale/scale: expected numbers, received shape [3] of type class -1, 2 bytes a cell",
    );
  });

  it("ends at a graph that holds itself", async () => {
    const path = await changed(await file({ a: input }), (open) => {
      open.create_hard_link("/node", "/node/nodes/inner");
    });
    await expect(readNir(path)).rejects.toThrow("expected groups 16 deep, received deeper ones");
  });

  it.each<[string, (open: Links) => void]>([
    [
      "out of the file",
      (open) => open.create_external_link(fixture("reference.nir"), "/node/nodes/map", "/node/nodes/b"),
    ],
    ["within it", (open) => open.create_soft_link("/node/nodes/a", "/node/nodes/b")],
  ])("follows no link %s", async (_, link) => {
    const path = await changed(await file({ a: lif }), link);
    await expect(readNir(path)).rejects.toThrow("expected groups and data sets alone, received b, a link");
  });

  it("refuses what is no HDF5, and a file that is not there", async () => {
    await expect(readNir(Uint8Array.of(1, 2, 3))).rejects.toThrow(
      "read NIR: 3 bytes, byte 0: expected an HDF5 file, which starts with \\x89HDF, received 3 bytes that start with 010203; give a file that a program exported to NIR",
    );
    await expect(readNir(new Uint8Array(0))).rejects.toThrow("received 0 bytes that start with nothing");
    await expect(readNir("/nowhere/some.nir")).rejects.toThrow(FileError);
  });

  it("gives a sentence, or a sound graph, for every damaged copy", { timeout: 120_000 }, async () => {
    const original = await readFile(fixture("reference.nir"));
    const draws = new Draws(5);
    let refused = 0;
    for (let n = 0; n < 16; n++) {
      const bytes = Buffer.from(original);
      const at = draws.integer(draws.chance(0.5) ? 4096 : bytes.length);
      if (n % 4 === 0) bytes.fill(draws.integer(2) * 255, at, at + 64);
      else
        for (let flips = 0; flips < 4; flips++)
          bytes[(at + 8 * flips) % bytes.length]! ^= 1 << draws.integer(8);
      const damaged = n % 5 === 0 ? bytes.subarray(0, at) : bytes;
      const error = await readNir(damaged).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) continue;
      expect(error).toBeInstanceOf(DataFormatError);
      expect(String(error)).toMatch(/read NIR: \d+ bytes, .*: expected .*, received .*; /s);
      refused++;
    }
    expect(refused).toBeGreaterThan(3);
  });
});
