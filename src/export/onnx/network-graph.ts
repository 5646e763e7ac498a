/** A network's layers as a graph, in either form and either arithmetic. */
import type { PlannedLayer } from "../../models/index.js";
import type { Arithmetic, GraphPlace } from "./arithmetic.js";
import { resized } from "./maps.js";
import type { PlacedMap } from "./placed-map.js";
import { decoderScores, outputScores } from "./read-out.js";

/** Adds the network's nodes, from the timing's input to an output `logits` `[N, K, H, W]`. */
export function addNetwork(place: GraphPlace, arithmetic: Arithmetic): void {
  const { graph, network, timing } = place;
  const { plan } = network;
  const kept = new Map<string, PlacedMap>();
  const skips = new Map<string, PlacedMap>();
  let map: PlacedMap = { signal: timing.input, channels: plan.inputChannels, stride: 1 };
  for (const layer of plan.layers) map = behind(layer, map);
  const { value, stride } = plan.output
    ? outputScores(map, place, arithmetic)
    : decoderScores(skips, place, arithmetic);
  const resizing = { name: "scores", like: timing.image, alignCorners: plan.alignCorners };
  const logits = stride === 1 ? value : resized(graph, value, resizing);
  graph.output("logits", logits, ["N", plan.numClasses, "H", "W"]);

  function behind(layer: PlannedLayer, before: PlacedMap): PlacedMap {
    switch (layer.kind) {
      case "skip":
        skips.set(layer.name, before);
        return before;
      case "keep":
        kept.set(layer.label, before);
        return before;
      case "pool":
        return arithmetic.pool(before, layer);
      case "fire":
        return arithmetic.fire(before, layer);
      case "conv":
        return arithmetic.conv(before, layer);
      case "join": {
        const other = kept.get(layer.label)!;
        if (before.stride === other.stride) return arithmetic.join(before, other, layer);
        const { name, alignCorners } = layer;
        const below = arithmetic.values(before);
        const resizing = { name: `${name}.resized`, like: other.signal.sample, alignCorners };
        const signal = below.signal.map((x) => resized(graph, x, resizing));
        return arithmetic.join({ ...below, signal }, other, layer);
      }
    }
  }
}
