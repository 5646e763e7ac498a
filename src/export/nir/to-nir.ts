/** A network as a graph of NIR. */
import { checkInteger, checkNumber } from "../../checks/index.js";
import { OptionError } from "../../errors.js";
import { type Shape, type SizedLayer, sizePlan } from "../../models/index.js";
import type { FoldedNetwork, SpikingActivation } from "../folded-network.js";
import { foldedConv2d } from "./folded-conv2d.js";
import { lifNode } from "./lif-node.js";
import type { NirGraph, NirMetadata, NirNode } from "./nir-graph.js";
import { nirNotes } from "./nir-notes.js";
import { nirObstacles } from "./nir-obstacles.js";

/** Of `snnTorch`, `SpikingJelly` and other programs, in seconds. */
export const usualDt = 1e-4;

/** How a network becomes a graph. */
export interface NirSettings {
  /** Height and width of the frames, in pixels; a graph holds for one size. */
  readonly inputSize: readonly [number, number];
  /** Length of a timestep in seconds (default 10⁻⁴, as other programs assume). */
  readonly dt?: number;
}

/** A graph, and what a reader has to know beside it. */
export interface NirExport {
  /** From `input` to `output`. */
  readonly graph: NirGraph;
  /** Sentences on what the graph leaves out. */
  readonly notes: readonly string[];
}

/**
 * A network as a graph of `Conv2d`, `AvgPool2d`, `LIF` and `IF`, whose one step of forward Euler is the network's timestep. Batch norm is
 * folded into weights and biases; the metadata say `dt` and `timesteps`.
 *
 * @param network - of `foldNetwork`; never written
 * @param settings - size of the frames and length of a timestep
 * @throws OptionError for a network that NIR cannot say exactly, with everything that stands in the way; ShapeError for thresholds by
 *   neuron of another size
 * @see {@link nirObstacles}
 * @example
 * ```ts
 * import { createModel } from "snnseg";
 * import { foldNetwork, toNir } from "snnseg/export";
 *
 * const model = createModel({
 *   ...{ kind: "snn", arch: "dl-vgg9", inputChannels: 3, numClasses: 21, timesteps: 4 },
 *   ...{ reset: "hard", norm: "affine" },
 * });
 * const { graph, notes } = toNir(foldNetwork(model), { inputSize: [64, 64] });
 * console.log(graph.nodes.size, notes.join("\n"));
 * model.dispose();
 * ```
 */
export function toNir(network: FoldedNetwork, { inputSize, dt = usualDt }: NirSettings): NirExport {
  checkNumber("toNir", "dt", dt, { above: 0 });
  for (const edge of inputSize) checkInteger("toNir", "inputSize", edge);
  const obstacles = nirObstacles(network);
  if (obstacles.length > 0) {
    throw new OptionError(
      `export to NIR: expected what NIR 1.x can say, received ${obstacles.join("; ")}; train a network such as --arch dl-vgg9 with --reset hard --norm affine`,
    );
  }
  const { plan, convolutions, timesteps } = network;
  const { layers, output } = sizePlan(plan, inputSize);
  const input: Shape = [plan.inputChannels, ...inputSize];
  const chain: [string, NirNode][] = [["input", { type: "Input", shape: input }]];
  for (const layer of layers) chain.push(...nodesOf(layer, { network, dt }));
  const folded = convolutions.get(output!.name)!;
  chain.push([nodeName(output!.name), foldedConv2d(folded, { inputShape: sizeOf(output!.input) })]);
  chain.push(["output", { type: "Output", shape: output!.output }]);
  const edges = chain.slice(1).map(([name], i) => [chain[i]![0], name] as const);
  const metadata: NirMetadata = { dt, timesteps };
  return {
    graph: { type: "NIRGraph", nodes: new Map(chain), edges, metadata },
    notes: nirNotes(network, { map: output!.output, inputSize, dt }),
  };
}

const sizeOf = ([, height, width]: Shape) => [height, width] as const;

/** Readers make modules of nodes, whose names hold no dot. */
const nodeName = (layer: string) => layer.replaceAll(".", "_");

function nodesOf(
  layer: SizedLayer,
  { network, dt }: { readonly network: FoldedNetwork; readonly dt: number },
): [string, NirNode][] {
  const { name, kind, input, output } = layer;
  const neurons = (): [string, NirNode] => {
    const activation = network.activations.get(name) as SpikingActivation;
    return [`${nodeName(name)}_neurons`, lifNode(activation, { name, map: output, dt })];
  };
  switch (kind) {
    case "conv": {
      const conv = foldedConv2d(network.convolutions.get(name)!, { ...layer, inputShape: sizeOf(input) });
      return [[nodeName(name), conv], ...(layer.fires ? [neurons()] : [])];
    }
    case "fire":
      return [neurons()];
    case "pool": {
      const stride = [layer.stride, layer.stride] as const;
      return [[nodeName(name), { type: "AvgPool2d", kernelSize: [3, 3], stride, padding: [1, 1] }]];
    }
    default:
      // A map that nobody joins is kept in vain, and scores without a decoder go nowhere.
      return [];
  }
}
