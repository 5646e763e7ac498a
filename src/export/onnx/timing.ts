/** Where a graph stands in time: all timesteps at once, or one of them with what is carried. */
import type { FoldedNetwork } from "../folded-network.js";
import type { GraphBuilder, Value } from "./graph-builder.js";
import type { Signal } from "./signal.js";

/** A map that is carried from timestep to timestep. */
export interface CarriedMap {
  /** Its place among the layers, such as `features.0`. */
  readonly name: string;
  /** C */
  readonly channels: number;
  /** Its size is the image's divided by that, rounded up. */
  readonly stride: number;
}

/** What the two forms do differently. */
export interface Timing {
  /** Timesteps in the graph. */
  readonly steps: number;
  /** The network's input at each of them. */
  readonly input: Signal;
  /** The value whose height and width are the image's. */
  readonly image: Value;
  /**
   * A factor or an offset of the channels, at each timestep of the graph, `[O, 1, 1]`.
   *
   * @param rows - `[T', O]` with T' above 1
   */
  row(name: string, rows: Float32Array, channels: number): (t: number) => Value;
  /** v before the first timestep of the graph; `undefined` is 0. @param initial - what it is before the network's first, likewise */
  begin(map: CarriedMap, initial: Value | undefined): Value | undefined;
  /** Whether membranes are wanted after the last timestep of the graph. */
  readonly carries: boolean;
  /** Hands out v after the last. */
  end(map: CarriedMap, v: Value): void;
  /** Sum of a map over all timesteps so far. */
  sum(map: CarriedMap, signal: Signal): Value;
  /** How many timesteps that were: a number, or a value without axes. */
  readonly seen: number | Value;
}

/** What both are made of. */
export interface TimingParts {
  readonly graph: GraphBuilder;
  readonly network: FoldedNetwork;
  readonly encoding: "direct" | "poisson" | "sequence";
  /** Height and width, where thresholds of single neurons fix them. */
  readonly size: readonly [number, number] | undefined;
}
