/** Runs a graph of NIR in plain TypeScript, timestep by timestep. */
import { checkNumber } from "../../checks/index.js";
import { OptionError, ShapeError } from "../../errors.js";
import { checkGraph } from "./check-graph.js";
import { shown } from "./nir-fault.js";
import type { NirGraph, NirTensor } from "./nir-graph.js";
import { type NodeStep, nodeStep } from "./node-steps.js";
import { usualDt } from "./to-nir.js";

/** How a graph is run. */
export interface RunNirOptions {
  /** Length of a timestep in seconds (default: `dt` of the graph's metadata, or 10⁻⁴). */
  readonly dt?: number;
}

/**
 * What every node gives at every timestep. Neurons start at v = 0 and take one step of forward Euler: `LIF` computes
 * u = v + dt/τ·(v_leak − v + R·i), `IF` u = v + dt·R·i; s = [u > ϑ], v = s ? v_reset : u. Values that meet in a node add up.
 *
 * It is made to check graphs, not to be fast: plain loops, in the order of the edges.
 *
 * @param graph - with one `Input`, without circles and graphs in it; `Conv1d`, `Delay`, `CubaLI` and `CubaLIF` do not run
 * @param frames - one for each timestep, of the input's shape
 * @param options - length of a timestep
 * @returns for each frame the values of all nodes by name
 * @throws OptionError for a graph that it cannot run; ShapeError for frames of another shape, or shapes in the graph that do not fit
 * @example
 * ```ts
 * import { type NirGraph, runNir } from "snnseg/export";
 *
 * const one = (value: number) => ({ shape: [1], data: Float32Array.of(value) });
 * const graph: NirGraph = {
 *   type: "NIRGraph",
 *   nodes: new Map([
 *     ["input", { type: "Input", shape: [1] }],
 *     ["neuron", { type: "IF", r: one(1e4), vThreshold: one(1), vReset: one(0) }],
 *   ]),
 *   edges: [["input", "neuron"]],
 * };
 * const frames = [one(0.4), one(0.4), one(0.4)];
 * for (const values of runNir(graph, frames)) console.log(values.get("neuron")?.data[0]); // 0, 0, 1
 * ```
 */
export function* runNir(
  graph: NirGraph,
  frames: Iterable<NirTensor>,
  options: RunNirOptions = {},
): Generator<ReadonlyMap<string, NirTensor>, void, undefined> {
  const { dt = typeof graph.metadata?.dt === "number" ? graph.metadata.dt : usualDt } = options;
  checkNumber("runNir", "dt", dt, { above: 0 });
  const maps = checkGraph(
    graph,
    ({ at, expected, received }) =>
      new ShapeError(`runNir: ${at}: expected ${expected}, received ${received}; correct the graph`),
  );
  const input = onlyInput(graph);
  const before = sources(graph);
  const steps = new Map<string, NodeStep>();
  const order = runningOrder(graph, before);
  for (const name of order)
    steps.set(name, nodeStep(name, graph.nodes.get(name)!, { ...maps.get(name)!, dt }));
  for (const frame of frames) {
    const values = new Map<string, NirTensor>();
    for (const name of order) {
      const shape = maps.get(name)!.output!;
      if (name === input && shown(frame.shape) !== shown(shape)) {
        throw new ShapeError(
          `runNir: expected frames ${shown(shape)}, received ${shown(frame.shape)}; give frames of the graph's input`,
        );
      }
      const x = name === input ? [frame.data] : before.get(name)!.map((from) => values.get(from)!.data);
      values.set(name, { shape, data: steps.get(name)!(sum(x)) });
    }
    yield values;
  }
}

function onlyInput({ nodes }: NirGraph): string {
  const inputs = [...nodes].flatMap(([name, { type }]) => (type === "Input" ? [name] : []));
  if (inputs.length === 1) return inputs[0]!;
  throw new OptionError(
    `runNir: expected a graph with one Input, received ${inputs.length}; run its parts by themselves`,
  );
}

function sources({ nodes, edges }: NirGraph): ReadonlyMap<string, string[]> {
  const before = new Map([...nodes.keys()].map((name) => [name, [] as string[]]));
  for (const [from, to] of edges) before.get(to)!.push(from);
  return before;
}

/** Nodes behind all those that they read. @throws OptionError for a circle, or a node that reads nothing */
function runningOrder({ nodes }: NirGraph, before: ReadonlyMap<string, string[]>): string[] {
  const order: string[] = [];
  const state = new Map<string, "open" | "done">();
  // A chain may be longer than the stack.
  for (const root of nodes.keys()) {
    const path = [root];
    while (path.length > 0) {
      const name = path.at(-1)!;
      const next = before.get(name)!.find((from) => state.get(from) !== "done");
      if (next !== undefined && state.get(name) !== "done") {
        state.set(name, "open");
        if (state.get(next) === "open") throw circle([next, ...path.slice(path.indexOf(next)).reverse()]);
        path.push(next);
        continue;
      }
      if (state.get(name) !== "done") order.push(name);
      state.set(name, "done");
      path.pop();
    }
  }
  const idle = order.find((name) => nodes.get(name)!.type !== "Input" && before.get(name)!.length === 0);
  if (idle === undefined) return order;
  throw new OptionError(`runNir: expected edges into every node, received none into ${idle}; connect it`);
}

const circle = (names: readonly string[]) =>
  new OptionError(
    `runNir: expected a graph without circles, received ${names.join(" → ")}; NIR does not say when a circle's values arrive, run it where it was made`,
  );

function sum(values: readonly (Float32Array | Float64Array)[]): Float32Array {
  const [first, ...others] = values;
  const total = Float32Array.from(first!);
  for (const other of others) for (let i = 0; i < total.length; i++) total[i]! += other[i]!;
  return total;
}
