/** What we write, read by the reference implementation. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../datasets/fixtures/trees.js";
import { createModel } from "../../models/index.js";
import { foldNetwork } from "../fold-network.js";
import { readNir, toNir, writeNir } from "./index.js";

/** Reads a graph with its types checked, prints what it holds, and writes it again. */
const program = `
import json, sys, nir
graph = nir.read(sys.argv[1])
sums = {name: float(node.weight.sum()) for name, node in graph.nodes.items() if hasattr(node, "weight")}
types = {name: type(node).__name__ for name, node in graph.nodes.items()}
metadata = {name: float(value) for name, value in graph.metadata.items()}
nir.write(sys.argv[2], graph)
print(json.dumps({"types": types, "sums": sums, "edges": graph.edges, "metadata": metadata}))
`;
const python = process.env.NIR_PYTHON ?? "python3";
const hasNir = (() => {
  try {
    execFileSync(python, ["-c", "import nir"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();
const folder = temporaryFolder();

describe("the reference implementation", () => {
  it.skipIf(!hasNir)(
    "reads what we write, and we what it writes (needs pip install nir; NIR_PYTHON names its python)",
    async () => {
      using model = createModel({
        ...{ kind: "snn", arch: "dl-vgg9", inputChannels: 3, numClasses: 4, timesteps: 2 },
        ...{ reset: "hard", norm: "affine" },
      });
      const { graph } = toNir(foldNetwork(model), { inputSize: [12, 16] });
      const [ours, theirs] = [join(folder, "ours.nir"), join(folder, "theirs.nir")];
      writeFileSync(ours, await writeNir(graph));
      const seen = JSON.parse(execFileSync(python, ["-c", program, ours, theirs], { encoding: "utf8" }));
      expect(seen.types).toEqual(
        Object.fromEntries([...graph.nodes].map(([name, { type }]) => [name, type])),
      );
      expect(seen.edges).toEqual(graph.edges);
      expect(seen.metadata).toEqual({ dt: 1e-4, timesteps: 2 });
      for (const [name, node] of graph.nodes) {
        if (node.type !== "Conv2d") continue;
        const sum = [...node.weight.data].reduce((total, value) => total + value, 0);
        expect(Math.abs(seen.sums[name] - sum)).toBeLessThan(0.05);
      }
      expect((await readNir(theirs)).graph).toEqual(graph);
    },
  );
});
