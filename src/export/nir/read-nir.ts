/** Reads NIR's HDF5 files; nothing in them is executed. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatError, Hdf5File, hdf5Magic } from "../../events/index.js";
import { fileError, withFile } from "../../files/index.js";
import { checkGraph } from "./check-graph.js";
import type { NirGraph } from "./nir-graph.js";
import { NirValues } from "./nir-values.js";
import { NodeReader } from "./node-reader.js";

const operation = "read NIR";

/** What a file of NIR holds. */
export interface NirFile {
  /** Of the program `nir` that the file was written for, such as `1.0.7`; absent in files that do not say it. */
  readonly version?: string;
  /** All nodes and edges. */
  readonly graph: NirGraph;
}

/**
 * Reads a graph: every node of NIR 1.x, graphs in graphs and metadata; shapes, edges and sizes are checked.
 *
 * @param source - path of the file, or its bytes
 * @throws FileError if it cannot be read; DataFormatError, which names file and node, for a file that is damaged or no NIR, a node of
 *   another type, a field that is missing, unknown or of another kind, an edge to nowhere, or shapes that do not fit
 * @example
 * ```ts
 * // not run: needs a file of NIR
 * import { readNir } from "snnseg/export";
 *
 * const { graph } = await readNir("network.nir");
 * for (const [name, { type }] of graph.nodes) console.log(name, type);
 * ```
 */
export async function readNir(source: string | Uint8Array): Promise<NirFile> {
  if (typeof source === "string") return await readGraph(source, source);
  // The library reads files only.
  const folder = await mkdtemp(join(tmpdir(), "snnseg-nir-")).catch((error: unknown) => {
    throw fileError(error, { operation, expected: "a folder for temporary files" });
  });
  try {
    const path = join(folder, "graph.nir");
    await writeFile(path, source).catch((error: unknown) => {
      throw fileError(error, { operation, expected: `room for the bytes in ${tmpdir()}` });
    });
    return await readGraph(path, `${source.length} bytes`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readGraph(path: string, name: string): Promise<NirFile> {
  await checkMagic(path, name);
  await using file = await Hdf5File.open(path, { operation, name });
  const values = new NirValues(file);
  if (file.isCut) {
    const expected = "a whole file";
    throw values.fault({
      at: "its end",
      expected,
      received: "one that was cut off",
      nextStep: "copy it again",
    });
  }
  const top = { at: "the graph", depth: 0 };
  const { columns } = await values.members("", top);
  const hasVersion = columns.has("version");
  const version = hasVersion ? await values.text({ columns, name: "version", at: "the file" }) : undefined;
  const graph = await new NodeReader(values).node("node", top);
  if (graph.type !== "NIRGraph") {
    throw values.fault({ at: "node", expected: "a NIRGraph", received: `a node of type ${graph.type}` });
  }
  checkGraph(graph, (fault) => values.fault(fault));
  return { ...(version !== undefined && { version }), graph };
}

async function checkMagic(path: string, name: string): Promise<void> {
  await withFile(path, async ({ size, readInto }) => {
    const start = new Uint8Array(Math.min(size, hdf5Magic.length));
    await readInto(start, 0);
    if (Buffer.from(start).toString("latin1") === hdf5Magic) return;
    throw formatError({
      ...{ operation, path: name, at: 0, expected: "an HDF5 file, which starts with \\x89HDF" },
      received: `${size} bytes that start with ${Buffer.from(start).toString("hex") || "nothing"}`,
      nextStep: "give a file that a program exported to NIR",
    });
  });
}
