/**
 * What a segmentation data set is to training, scoring and pictures.
 *
 * Labels are bytes: a class 0 … classes − 1, or void (255). A data set's own void ids become that on reading.
 */
import type { Orientation, Rgb, Size } from "../../images/index.js";
import type { OpenOptions } from "./open-options.js";
import type { Suspicion } from "./suspicions.js";

/** A rectangle of the network's input: `[top, left, height, width]`. */
export type InputRegion = readonly [top: number, left: number, height: number, width: number];

/** One input with its truth, ready for a network. */
export interface Example {
  readonly id: string;
  /** `[C, H, W]`, or `[T, C, H, W]` for sequences. */
  readonly image: Float32Array;
  /** `[H, W]`; for sequences the truth of the last frame. */
  readonly label: Uint8Array;
}

/** An example as people look at it: before normalisation. */
export interface ViewedExample {
  readonly id: string;
  readonly size: Size;
  readonly channels: number;
  /** 0 for a still image, else the frames of the sequence. */
  readonly frames: number;
  /** `[C, H, W]` or `[T, C, H, W]`; pictures are RGB 0 … 255, events are their stored values. */
  readonly values: Float32Array;
  readonly label: Uint8Array;
}

/** Which random numbers an example gets: those of a run's seed, an epoch and the example, of nothing else. */
export interface ReadContext {
  readonly seed: number;
  readonly epoch: number;
}

/** What a data set is, beside its examples. */
export interface DatasetFacts {
  readonly name: string;
  readonly split: string;
  readonly classes: readonly string[];
  readonly colors: readonly Rgb[];
  readonly channels: number;
  /** 0 for still images, else the frames T of every example. */
  readonly frames: number;
  readonly size: Size;
  readonly length: number;
  /** How many pictures or frames a cache may keep; sequences share theirs. */
  readonly records: number;
  /** The ids of its masks that became void (255). */
  readonly voidIds: readonly number[];
  /** How photographs are held when they are read. */
  readonly orientation?: Orientation | undefined;
  id(index: number): string;
}

export interface SegmentationDataset extends DatasetFacts {
  /** What looks wrong in its files, as far as opening shows: damaged recordings, labels on another clock. */
  readonly suspicions: readonly Suspicion[];
  /** Where in the network's input an example of a stored size lies. */
  regionOf(stored: Size): InputRegion;
  /**
   * @throws FileError or DataFormatError naming the file, if it is missing, damaged, or its mask does not fit
   */
  read(index: number, context: ReadContext): Promise<Example>;
  /** The example at the network's size, without augmentation, noise and normalisation. */
  view(index: number): Promise<ViewedExample>;
  /** The example as its files hold it: at its own size, nothing changed. */
  stored(index: number): Promise<ViewedExample>;
  /** The same examples with other augmentation, noise or cache; what is not given stays. @throws OptionError */
  withOptions(options: OpenOptions): SegmentationDataset;
}
