/** What the live page is told when it is written, beside its network. */
import type { LayerCost } from "./layer-costs.js";

/** An example as the page holds it. */
export interface PageExample {
  /** Such as `0016E5_08159 of val`. */
  readonly name: string;
  /** A PNG in base64: the picture itself, or a drawing of the frame. */
  readonly picture: string;
  /** Of a network of events: what it sees, a byte b for (b − 128) / 254, in base64. */
  readonly frame?: string;
}

/** Data of a page. */
export interface LiveData {
  /** Heading. */
  readonly title: string;
  /** One line on the network. */
  readonly about: string;
  /** `snn` where it runs timestep by timestep. */
  readonly kind: "ann" | "snn";
  /** What it was trained on. */
  readonly sees: "picture" | "events";
  /** Of a network of events: a sensor of which it was shown only the upper rows, and how much; `[height, width]` of both. */
  readonly shown?: {
    readonly sensor: readonly [number, number];
    readonly labels: readonly [number, number];
  };
  /** Layers with weights. */
  readonly costs: readonly LayerCost[];
  /** Prices of operations. */
  readonly energy: {
    /** Such as `45 nm`. */
    readonly process: string;
    /** Who published them. */
    readonly source: string;
    /** Of a multiply-accumulate, in picojoules. */
    readonly macPj: number;
    /** Of an accumulate, in picojoules. */
    readonly acPj: number;
  };
  /** To begin with. */
  readonly example?: PageExample;
}
