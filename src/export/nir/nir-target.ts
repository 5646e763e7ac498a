/** NIR among the formats of `snnseg export`. */
import type { ExportTarget } from "../export-target.js";
import { shown } from "./nir-fault.js";
import type { NirGraph } from "./nir-graph.js";
import { readNir } from "./read-nir.js";
import { toNir } from "./to-nir.js";
import { writeNir } from "./write-nir.js";

export const nirTarget: ExportTarget = {
  suffix: ".nir",
  about: "NIR 1.x for neuromorphic simulators and chips",
  takes: [],
  write: async (network, meta) => {
    const { graph, notes } = toNir(network, { inputSize: meta.input.size });
    const metadata = { ...graph.metadata, snnseg: JSON.stringify(meta) };
    return { bytes: await writeNir({ ...graph, metadata }), notes };
  },
  describe: async (bytes) => {
    const { version, graph } = await readNir(bytes as Uint8Array);
    return `NIR ${version}, ${summary(graph)}`;
  },
};

/** `13 nodes (1 Input, 5 Conv2d, …), 12 edges, [3, 64, 64] → [21, 16, 16]`. */
function summary({ nodes, edges }: NirGraph): string {
  const counts = new Map<string, number>();
  const shapes: string[] = [];
  for (const node of nodes.values()) {
    counts.set(node.type, (counts.get(node.type) ?? 0) + 1);
    if (node.type === "Input" || node.type === "Output") shapes.push(shown(node.shape));
  }
  const types = [...counts].map(([type, count]) => `${count} ${type}`).join(", ");
  return `${nodes.size} nodes (${types}), ${edges.length} edges, ${shapes.join(" → ")}`;
}
