/** Writing a network for a page. */
import { safetensorsPieces } from "../../arrays/index.js";
import { firingLayers } from "../../models/index.js";
import { type ModelDescription, metadataKey, modelVersion } from "../../web/index.js";
import { inputGrid } from "../fixed-point.js";
import type { FoldedNetwork } from "../folded-network.js";
import { describeLayers } from "./describe-layers.js";
import { lowerNetwork } from "./lower-network.js";

/** What a network's numbers do not say. */
export type WebModelMeta = Pick<ModelDescription, "name" | "classes" | "colors" | "input">;

/**
 * A network's file for `snnseg/web`: safetensors, with weights of 8 bits where they read spikes or integers,
 * q = round(w / step), step = max|w| / 127 per output channel; whole numbers of about 10 bits on the input of a network that sends
 * spikes or integers, which is rounded likewise, so that float32 holds every sum; float32 otherwise.
 *
 * @param network - of `foldNetwork`; not changed
 * @param meta - what to call it, its classes and colours, what it sees
 * @returns the bytes of the file
 * @throws OptionError for a network that the kernels of a page cannot run, and says why
 */
export function writeWebModel(network: FoldedNetwork, meta: WebModelMeta): Uint8Array<ArrayBuffer> {
  const { name, classes, colors, input } = meta;
  const seen = input.kind === "picture" ? input.channels : undefined;
  const lowered = lowerNetwork(network, inputGrid(seen, input.encoding));
  const { inputs, maps, steps, scores, grid, arrays } = lowered;
  const description: ModelDescription = {
    ...{ name, kind: network.kind, timesteps: network.timesteps, classes, colors, input },
    layers: describeLayers(network.plan, input.size, inputs),
    ...neuronsOf(network),
  };
  const content = JSON.stringify({ version: modelVersion, description, maps, steps, scores, grid });
  return joined(safetensorsPieces(arrays, { [metadataKey]: content }));
}

function neuronsOf({ plan, activations }: FoldedNetwork): Pick<ModelDescription, "leak" | "thresholds"> {
  const leaks = new Set<number>();
  const thresholds: Record<string, number> = {};
  for (const [name, activation] of activations) {
    if (activation.kind === "relu") continue;
    leaks.add(activation.leak);
    const { threshold } = activation;
    thresholds[name] = threshold.reduce((sum, theta) => sum + theta, 0) / threshold.length;
  }
  const [leak] = leaks;
  const isOne = leaks.size === 1 && firingLayers(plan).length > 0;
  return { ...(isOne && { leak: leak! }), thresholds };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
