/** Whether a graph's edges lead from node to node, and carry what both ends are made for. */

import { type FaultError, shown } from "./nir-fault.js";
import type { NirGraph } from "./nir-graph.js";
import { nodeMaps } from "./node-maps.js";
import type { NodeMaps } from "./node-place.js";

/**
 * The shapes that the nodes of a graph read and write, as far as they are known.
 *
 * @param graph - graphs in it are checked too
 * @param fault - makes the error
 * @param within - names of the graphs around it, each with a `/`
 * @throws what `fault` makes, for the first fault
 */
export function checkGraph(graph: NirGraph, fault: FaultError, within = ""): ReadonlyMap<string, NodeMaps> {
  const at = (name: string) => `node ${within}${name}`;
  const maps = new Map<string, NodeMaps>();
  for (const [name, node] of graph.nodes) {
    if (node.type === "NIRGraph") checkGraph(node, fault, `${within}${name}/`);
    maps.set(name, nodeMaps(node, { at: at(name), before: undefined, fault }));
  }
  const followers = checkEdges(graph, fault, within);
  // Most nodes say their shapes; the others' follow along the edges, which may go in circles.
  const known = [...maps].flatMap(([name, { output }]) => (output ? [name] : []));
  for (let from = known.pop(); from !== undefined; from = known.pop()) {
    const before = maps.get(from)!.output;
    for (const to of followers.get(from) ?? []) {
      if (maps.get(to)!.output !== undefined) continue;
      maps.set(to, nodeMaps(graph.nodes.get(to)!, { at: at(to), before, fault }));
      if (maps.get(to)!.output !== undefined) known.push(to);
    }
  }
  for (const [from, to] of graph.edges) {
    const [output, input] = [maps.get(from)!.output, maps.get(to)!.input];
    if (output === undefined || input === undefined || shown(output) === shown(input)) continue;
    throw fault({
      at: `edge ${within}${from} → ${within}${to}`,
      expected: shown(input),
      received: shown(output),
    });
  }
  return maps;
}

function checkEdges({ nodes, edges }: NirGraph, fault: FaultError, within: string): Map<string, string[]> {
  const followers = new Map<string, string[]>();
  for (const [from, to] of edges) {
    const at = `edge ${within}${from} → ${within}${to}`;
    const unknown = [from, to].find((name) => !nodes.has(name));
    if (unknown !== undefined) {
      throw fault({ at, expected: "names of nodes", received: `${unknown}, which is no node` });
    }
    const before = followers.get(from) ?? [];
    if (before.includes(to)) throw fault({ at, expected: "every edge once", received: "it twice" });
    followers.set(from, [...before, to]);
  }
  return followers;
}
