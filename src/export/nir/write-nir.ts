/** Writes NIR's HDF5 files as the reference implementation does. */

import { OptionError, ShapeError } from "../../errors.js";
import { type Hdf5Set, type Hdf5Tree, writeHdf5 } from "../../events/index.js";
import { checkGraph } from "./check-graph.js";
import { type FieldKind, fileName, type LeafNode, nirFields, tensorFields } from "./nir-fields.js";
import type { NirGraph, NirNode, NirTensor } from "./nir-graph.js";
import { metadataTree, named, stored, text } from "./stored-values.js";
import { mostBytes } from "./tensors.js";

/** Of the program `nir` whose files these are. */
export const nirVersion = "1.0.7";

/** Half of what the library's memory may grow to. */
const mostTensorBytes = 2 ** 27;

/**
 * A graph as the bytes of an HDF5 file: group `node` with `type`, `nodes`, `edges` and `metadata`, and `version`. What {@link readNir}
 * makes of them equals the graph.
 *
 * @param graph - of any nodes of NIR 1.x; never written
 * @throws ShapeError for an edge to nowhere, or shapes that do not fit; OptionError for a name that HDF5 cannot hold, a tensor above
 *   128 MiB, more than 2 GiB of them, or a size that is no integer; FileError if the system's temporary folder has no room
 * @example
 * ```ts
 * import { writeFile } from "node:fs/promises";
 * import { type NirGraph, writeNir } from "snnseg/export";
 *
 * const r = { shape: [2], data: Float32Array.of(1, 1) };
 * const graph: NirGraph = {
 *   type: "NIRGraph",
 *   nodes: new Map([
 *     ["input", { type: "Input", shape: [2] }],
 *     ["integrate", { type: "I", r }],
 *     ["output", { type: "Output", shape: [2] }],
 *   ]),
 *   edges: [
 *     ["input", "integrate"],
 *     ["integrate", "output"],
 *   ],
 * };
 * await writeFile("network.nir", await writeNir(graph));
 * ```
 */
export async function writeNir(graph: NirGraph): Promise<Uint8Array<ArrayBuffer>> {
  checkGraph(
    graph,
    ({ at, expected, received }) =>
      new ShapeError(`write NIR: ${at}: expected ${expected}, received ${received}; correct the graph`),
  );
  checkSize(graph);
  return await writeHdf5(
    new Map<string, Hdf5Tree | Hdf5Set>([
      ["version", text(nirVersion)],
      ["node", nodeTree(graph)],
    ]),
  );
}

/** @throws OptionError for what the library cannot write, or the reader refuses */
function checkSize(graph: NirGraph): void {
  const sizes = tensorsOf(graph).map(({ data }) => data.byteLength);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (sizes.every((size) => size <= mostTensorBytes) && total <= mostBytes) return;
  const [largest, all] = [Math.max(...sizes), total].map((bytes) => Math.ceil(bytes / 2 ** 20));
  throw new OptionError(
    `write NIR: expected tensors of at most 128 MiB, 2 GiB together, received ${largest} and ${all} MiB; NIR gives every neuron its own numbers, export at a smaller size`,
  );
}

function tensorsOf(node: NirNode): NirTensor[] {
  if (node.type === "NIRGraph") return [...node.nodes.values()].flatMap(tensorsOf);
  return tensorFields(node).map(([, tensor]) => tensor);
}

function nodeTree(node: NirNode): Hdf5Tree {
  const fields = node.type === "NIRGraph" ? graphFields(node) : leafFields(node);
  const { metadata = {} } = node;
  const isEmpty = Object.keys(metadata).length === 0;
  return new Map<string, Hdf5Tree | Hdf5Set>([
    ["type", text(node.type)],
    ...fields,
    ...(isEmpty ? [] : [["metadata", metadataTree(metadata)] as const]),
  ]);
}

function graphFields({ nodes, edges }: NirGraph): [string, Hdf5Tree | Hdf5Set][] {
  const noEdges = { shape: [0], data: new Float64Array(0) };
  return [
    ["nodes", named([...nodes].map(([name, node]) => [name, nodeTree(node)] as const))],
    ["edges", edges.length === 0 ? noEdges : { shape: [edges.length, 2], data: edges.flat() }],
  ];
}

function leafFields(node: LeafNode): [string, Hdf5Set][] {
  const kinds = Object.entries(nirFields[node.type]) as [keyof LeafNode, FieldKind][];
  return kinds.flatMap(([field]) => {
    const value = node[field] as NirTensor | string | number | readonly number[] | undefined;
    return value === undefined ? [] : [[fileName(field), stored(value)] as const];
  }) as [string, Hdf5Set][];
}
