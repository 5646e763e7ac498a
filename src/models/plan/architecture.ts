/** What an architecture is: a table of stages, and how class scores are made from them. Plain data, kept in checkpoints. */

/**
 * How two maps become one: `channels` puts those that were kept behind, as U-Net does; `sum` adds them, as LinkNet and ResNet do;
 * `size` takes over nothing of them but their size.
 */
export type JoinWay = "channels" | "sum" | "size";

/** One entry of a network's table. */
export type ArchitectureStage =
  | {
      /** Convolution, normalisation, activation; zero padding keeps the size. */
      readonly kind: "conv";
      /** Of its output. */
      readonly channels: number;
      /** Distance of its taps in pixels (default 1). */
      readonly dilation?: number;
      /** Odd (default: the config's). */
      readonly kernelSize?: number;
      /** 2 halves the size, rounded up (default 1). */
      readonly stride?: 1 | 2;
      /** One filter for each channel, which reads only its own; `channels` are as many as its input has (default false). */
      readonly depthwise?: boolean;
      /** `false` leaves out the activation: what comes out are real-valued currents, for a `join` or a `fire` (default true). */
      readonly fires?: boolean;
    }
  | {
      /** Activation of the map so far: neurons in a spiking network, ReLU in an ANN. */
      readonly kind: "fire";
    }
  | {
      /** Average pooling 3x3, padding 1. */
      readonly kind: "pool";
      /** 2 halves the size, rounded up; 1 keeps it. */
      readonly stride: number;
    }
  | {
      /** Class scores of the activations so far, for the decoder of kind `skips`. */
      readonly kind: "skip";
    }
  | {
      /** Remembers the activations so far for a `join`. */
      readonly kind: "keep";
      /** Which the `join` says again. */
      readonly name: string;
    }
  | {
      /** Resizes to the map that was kept (bilinear) and joins the two. */
      readonly kind: "join";
      /** Of a `keep` before it. */
      readonly name: string;
      /** How (default `channels`); `sum` is for maps of as many channels. */
      readonly by?: JoinWay;
    };

/** A network's layers. */
export type Architecture = {
  /**
   * How class scores are made: `output` is a 1x1 convolution of the last map, resized to the image (DeepLab); `skips` adds
   * up the scores of all `skip` stages from the deepest, which ends the table, to the shallowest (FCN).
   */
  readonly decoder: "output" | "skips";
  /** From the input on; begins with a `conv`. Weights are named `features.0`, `features.1` … */
  readonly features: readonly ArchitectureStage[];
  /** The hidden part; the 1x1 output convolution follows it. */
  readonly classifier: readonly ArchitectureStage[];
  /**
   * How maps are resized (bilinear) where they join, and to the image at the end. True (default): the centres of the outermost
   * pixels meet, as in the paper's networks. False: the outermost edges do, so that a pixel of a map of half the size stays over the same
   * two pixels everywhere, as strided convolutions place it; with decoder `output` only.
   */
  readonly alignCorners?: boolean;
};

/**
 * An architecture of your own, as `arch` of a config.
 *
 * @example
 * ```ts
 * import { createModel } from "snnseg";
 *
 * const model = createModel({
 *   kind: "snn",
 *   arch: { name: "tiny", decoder: "output", features: [{ kind: "conv", channels: 16 }], classifier: [] },
 *   inputChannels: 2,
 *   numClasses: 4,
 * });
 * console.log([...model.parameters()].map(([name, { shape }]) => `${name} [${shape}]`));
 * model.dispose();
 * ```
 */
export type NamedArchitecture = Architecture & {
  /** Shown in tables, errors and reports. */
  readonly name: string;
};
