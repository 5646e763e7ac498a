/** What layers are computed in: floats, or bytes where that is possible. */
import type { PlannedLayer } from "../../models/index.js";
import type { FoldedNetwork } from "../folded-network.js";
import type { GraphBuilder, Value } from "./graph-builder.js";
import type { PlacedMap } from "./placed-map.js";
import type { Signal } from "./signal.js";
import type { Timing } from "./timing.js";

export type LayerOf<K extends PlannedLayer["kind"]> = Extract<PlannedLayer, { readonly kind: K }>;

/** The layers of a network. */
export interface Arithmetic {
  /** Convolution, norm, and activation where there is one. */
  conv(map: PlacedMap, layer: LayerOf<"conv">): PlacedMap;
  fire(map: PlacedMap, layer: LayerOf<"fire">): PlacedMap;
  pool(map: PlacedMap, layer: LayerOf<"pool">): PlacedMap;
  /** Two maps of one size. */
  join(below: PlacedMap, kept: PlacedMap, layer: LayerOf<"join">): PlacedMap;
  /** The map as floats, to be resized. */
  values(map: PlacedMap): PlacedMap;
  /** What {@link scores} reads at each timestep: floats that may be summed up over time. */
  summable(map: PlacedMap): Signal;
  /**
   * A 1x1 convolution to class scores, without its bias.
   *
   * @param x - of {@link summable}, or a sum of that
   * @param options - `map`: which it was of; `name`: of the convolution; `node`: of what it gives; `share`: a factor of them
   */
  scores(
    x: Value,
    options: {
      readonly map: PlacedMap;
      readonly name: string;
      readonly node?: string;
      readonly share?: Value;
    },
  ): Value;
}

/** Where it happens. */
export interface GraphPlace {
  readonly graph: GraphBuilder;
  readonly timing: Timing;
  readonly network: FoldedNetwork;
}
