/** A trained network without libtorch: what it is, and how a page or a program runs it, one timestep after the other. */

/** From 0 … 255 to a channel of the input: y = (x[source] − subtract) / divide. */
export interface WebChannelScale {
  /** Index of the channel in RGB order that this one shows. */
  readonly source: number;
  /** In units of 0 … 255. */
  readonly subtract: number;
  /** In units of 0 … 255. */
  readonly divide: number;
}

/** A network that sees pictures. */
export interface WebPictureInput {
  /** Tells it from events. */
  readonly kind: "picture";
  /** Height and width that it was trained with, in pixels. */
  readonly size: readonly [height: number, width: number];
  /** One for each channel of the input. */
  readonly channels: readonly WebChannelScale[];
  /** How a picture of another aspect comes to the size: as a whole, stretched, or with bars of the colour that becomes 0. */
  readonly fit: "stretch" | "letterbox";
  /** `direct`: the same values at every timestep; `poisson`: random spikes of that rate, made by whoever calls `step`. */
  readonly encoding: "direct" | "poisson";
}

/** A network that sees frames of an event camera. */
export interface WebEventInput {
  /** Tells it from pictures. */
  readonly kind: "events";
  /** Height and width that it was trained with, in pixels. */
  readonly size: readonly [height: number, width: number];
  /** C of a frame. */
  readonly channels: number;
  /** How events become a frame. */
  readonly representation: "counts" | "ev-segnet" | "voxel";
  /** Time that a frame shows, in microseconds. */
  readonly windowUs: number;
  /** What is brought to ±0.5: each channel, or each image column. */
  readonly scaling: "channel" | "column";
  /** `direct`: one frame, the same at every timestep; `sequence`: a frame of its own for each. */
  readonly encoding: "direct" | "sequence";
}

/** A layer with weights, at the description's size. */
export interface LayerDescription {
  /** Such as `features.0`. */
  readonly name: string;
  /** Of what it writes. */
  readonly shape: readonly [channels: number, height: number, width: number];
  /** Multiply-accumulates of one dense pass, taps outside the image left out. */
  readonly operations: number;
  /** Names of the layers in {@link WebNetwork.activity} whose spikes it reads; none where it reads real values. */
  readonly reads: readonly string[];
}

/** What a file says about its network. */
export interface ModelDescription {
  /** Shown to people. */
  readonly name: string;
  /** `snn` where it runs timestep by timestep. */
  readonly kind: "ann" | "snn";
  /** T that it was trained with; 1 of an ANN. */
  readonly timesteps: number;
  /** Names of the K classes. */
  readonly classes: readonly string[];
  /** A colour for each class, 0 … 255. */
  readonly colors: readonly (readonly [red: number, green: number, blue: number])[];
  /** What it sees. */
  readonly input: WebPictureInput | WebEventInput;
  /** From the input to the scores. */
  readonly layers: readonly LayerDescription[];
  /** λ of its neurons as trained; absent where layers differ, or nothing leaks. */
  readonly leak?: number;
  /** ϑ of each layer that fires, its mean where it has several. */
  readonly thresholds: Readonly<Record<string, number>>;
}

/** Settings of a run. */
export interface BeginOptions {
  /** Height and width of the input in pixels (default: those of the run before, at first the description's). */
  readonly size?: readonly [height: number, width: number];
  /** Every ϑ is multiplied by it, above 0 (default 1: as trained); what a spike weighs in the next layer stays. */
  readonly thresholdFactor?: number;
  /** λ of all neurons, in [0, 1] (default: as trained). */
  readonly leak?: number;
  /** Membranes stay as they are, for the next frame of a stream of one size; sums and timesteps begin anew (default false). */
  readonly keepMembranes?: boolean;
}

/** What a layer's neurons sent. */
export interface WebActivity {
  /** Such as `features.0`. */
  readonly name: string;
  /** Of its neurons. */
  readonly shape: readonly [channels: number, height: number, width: number];
  /** Sum of what they sent in the last timestep: spikes, or integers that stand for so many; of ReLUs, how many are above 0. */
  readonly spikes: number;
  /** The same since `begin`. */
  readonly total: number;
  /** The last timestep's by pixel, summed over channels: `[h, w]`. */
  readonly map: Float32Array;
}

/** A network in a state: membranes, and sums of scores so far. */
export interface WebNetwork {
  /** What the file says. */
  readonly description: ModelDescription;
  /** What computes it. */
  readonly engine: "wasm-relaxed-simd" | "wasm-simd" | "javascript";
  /** Height and width of the input in pixels. */
  readonly size: readonly [height: number, width: number];
  /** Timesteps since `begin`. */
  readonly steps: number;
  /**
   * Membranes to rest, sums and timesteps to 0. A new network has begun already.
   *
   * @param options - settings of the run; a size that is refused leaves the network at rest, at the size before
   * @throws OptionError for a setting out of its range, or a size that the network's own thresholds do not fit
   */
  begin(options?: BeginOptions): void;
  /**
   * One timestep.
   *
   * @param frame - `[C, H, W]`, normalised; not kept. Without one, the input of the step before: its first convolution is not computed
   *   again
   * @throws ShapeError for a frame of another size, OptionError without any frame since `begin`
   */
  step(frame?: Float32Array): void;
  /**
   * Classes of the highest score after the steps so far, `[H, W]`; the first of equal scores.
   *
   * @throws OptionError before the first step
   */
  labels(): Uint8Array;
  /**
   * Scores after the steps so far, `[K, H, W]`: their mean over timesteps, of a decoder with skips their sum.
   *
   * @throws OptionError before the first step
   */
  scores(): Float32Array;
  /** What every layer sent, from the input on. */
  activity(): WebActivity[];
}

/** How a network is opened. */
export interface OpenWebOptions {
  /** What computes it (default: the fastest that this browser or Node allows). All give the same bits. */
  readonly engine?: WebNetwork["engine"];
}
