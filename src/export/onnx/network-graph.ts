/** A network's layers as a graph, in either form. */
import type { PlannedLayer } from "../../models/index.js";
import type { FoldedNetwork } from "../folded-network.js";
import { affine } from "./affine.js";
import { convolution } from "./convolution.js";
import type { GraphBuilder } from "./graph-builder.js";
import { joins, pooled, resized } from "./maps.js";
import { activated } from "./neurons.js";
import { decoderScores, outputScores, type PlacedSignal } from "./read-out.js";
import type { Timing } from "./timing.js";

/** Adds the network's nodes, from the timing's input to an output `logits` `[N, K, H, W]`. */
export function addNetwork(graph: GraphBuilder, network: FoldedNetwork, timing: Timing): void {
  const { plan, activations, convolutions } = network;
  const kept = new Map<string, PlacedSignal>();
  const skips = new Map<string, PlacedSignal>();
  let map: PlacedSignal = { signal: timing.input, channels: plan.inputChannels, stride: 1 };
  for (const layer of plan.layers) map = behind(layer, map);
  const place = { graph, timing, network };
  const { value, stride } = plan.output ? outputScores(map, place) : decoderScores(skips, place);
  const { alignCorners } = plan;
  const logits =
    stride === 1 ? value : resized(graph, value, { name: "scores", like: timing.image, alignCorners });
  graph.output("logits", logits, ["N", plan.numClasses, "H", "W"]);

  function behind(layer: PlannedLayer, before: PlacedSignal): PlacedSignal {
    const { signal, channels, stride } = before;
    const { name } = layer;
    switch (layer.kind) {
      case "skip":
        skips.set(name, before);
        return before;
      case "keep":
        kept.set(layer.label, before);
        return before;
      case "join": {
        const other = kept.get(layer.label)!;
        const { by, alignCorners, outputs } = layer;
        const like = other.signal.sample;
        const alike = stride === other.stride;
        const resizing = { name: `${name}.resized`, like, alignCorners };
        const here = alike ? signal : signal.map((x) => resized(graph, x, resizing));
        return {
          signal: joins[by](graph, here, other.signal, name),
          channels: outputs,
          stride: other.stride,
        };
      }
      case "pool": {
        const smaller = signal.map((x) => pooled(graph, x, layer));
        return { signal: smaller, channels, stride: stride * layer.stride };
      }
      case "fire":
        return {
          ...before,
          signal: activated(signal, activations.get(name)!, {
            graph,
            timing,
            map: { name, channels, stride },
          }),
        };
      case "conv": {
        const { outputs } = layer;
        const folded = convolutions.get(name)!;
        const raw = signal.map((x) => convolution(graph, x, { name, folded, shape: layer }));
        const current = affine(raw, folded, { name, channels: outputs, graph, timing });
        const after = { channels: outputs, stride: stride * layer.stride };
        const active = layer.fires
          ? activated(current, activations.get(name)!, { graph, timing, map: { name, ...after } })
          : current;
        return { signal: active, ...after };
      }
    }
  }
}
