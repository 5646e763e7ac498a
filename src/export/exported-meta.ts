/** What a file of another format says about the network in it, beside its layers: how to feed it, and what its answer means. */
import type {
  ChannelScale,
  EventRepresentation,
  EventScaling,
  Fit,
  Preprocessing,
} from "../datasets/index.js";
import type { Rgb } from "../images/index.js";

/** Pictures as the network sees them. */
export interface PictureInput {
  /** Tells it from event frames. */
  readonly kind: "picture";
  /** Height and width that it was trained on, in pixels. */
  readonly size: readonly [number, number];
  /** C, always 3. */
  readonly channels: number;
  /** Name of the scaling. */
  readonly preprocessing: Preprocessing;
  /** Of each channel c: `y[c] = (x[source] − subtract) / divide`, x in RGB order from 0 to 255. */
  readonly scale: readonly ChannelScale[];
  /** How pictures of another aspect come to that size. */
  readonly fit: Fit;
}

/** Frames of events as the network sees them. */
export interface EventInput {
  /** Tells it from pictures. */
  readonly kind: "events";
  /** Height and width that it was trained on, in pixels. */
  readonly size: readonly [number, number];
  /** C: the first channels of a frame that the network sees. */
  readonly channels: number;
  /** How the events of a window become channels. */
  readonly representation: EventRepresentation;
  /** Channels of a voxel grid. */
  readonly bins: number;
  /** Length of a window, in microseconds. */
  readonly windowUs: number;
  /** What is scaled to ±0.5, after the frame has come to that size. */
  readonly scaling: EventScaling;
  /** Height and width of the sensor, and of its upper left part that the network sees; absent where it sees all of it. */
  readonly shown?: {
    /** Height and width, in pixels. */
    readonly sensor: readonly [number, number];
    /** Height and width, in pixels. */
    readonly labels: readonly [number, number];
  };
}

/** All of it, as JSON. */
export interface ExportedMeta {
  /** Of the run. */
  readonly name: string;
  /** Names of the classes, in the order of the scores. */
  readonly classes: readonly string[];
  /** A colour for each class, 0 … 255. */
  readonly colors: readonly Rgb[];
  /** What the network sees. */
  readonly input: PictureInput | EventInput;
  /** How the input becomes one per timestep: the same image at each, signed Poisson spikes, or a sequence of frames. */
  readonly encoding: "direct" | "poisson" | "sequence";
  /** T; 1 of an ANN. */
  readonly timesteps: number;
  /** Name of the architecture. */
  readonly architecture: string;
  /** Version of this package. */
  readonly snnseg: string;
}
