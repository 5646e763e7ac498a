/** What an architecture is: a table of stages, and how class scores are made from them. Plain data, kept in checkpoints. */

/** How two maps become one: `channels` puts those that were kept behind, as U-Net does; `sum` adds them, as LinkNet does. */
export type JoinWay = "channels" | "sum";

/** One entry of a network's table. */
export type ArchitectureStage =
  /** Convolution of the network's kernel size (or of `kernelSize`), normalisation, activation. */
  | {
      readonly kind: "conv";
      readonly channels: number;
      readonly dilation?: number;
      readonly kernelSize?: number;
    }
  /** Average pooling 3x3, padding 1. */
  | { readonly kind: "pool"; readonly stride: number }
  /** Class scores of the activations so far, for the decoder of kind `skips`. */
  | { readonly kind: "skip" }
  /** Remembers the activations so far for a `join`. */
  | { readonly kind: "keep"; readonly name: string }
  /** Resizes to the map that was kept (bilinear) and joins the two (default: by `channels`). */
  | { readonly kind: "join"; readonly name: string; readonly by?: JoinWay };

/** A network's layers. */
export type Architecture = {
  /**
   * How class scores are made: `output` is a 1x1 convolution of the last map, resized to the image (DeepLab); `skips` adds
   * up the scores of all `skip` stages from the deepest, which ends the table, to the shallowest (FCN).
   */
  readonly decoder: "output" | "skips";
  readonly features: readonly ArchitectureStage[];
  /** The hidden part; the 1x1 output convolution follows it. */
  readonly classifier: readonly ArchitectureStage[];
};

/** An architecture of your own, as `arch` of a config. */
export type NamedArchitecture = Architecture & {
  /** Shown in tables, errors and reports. */
  readonly name: string;
};
