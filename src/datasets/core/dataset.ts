/**
 * What a segmentation data set is to training, scoring and pictures.
 *
 * Labels are bytes: a class 0 … classes − 1, or void (255). A data set's own void ids become that on reading.
 */
import type { Orientation, Rgb, Size } from "../../images/index.js";
import type { InputRegion } from "./input-region.js";
import type { OpenOptions } from "./open-options.js";
import type { Suspicion } from "./suspicions.js";

/** One input with its truth, ready for a network. */
export interface Example {
  /** Name of the example, after its files where it has some. */
  readonly id: string;
  /** `[C, H, W]`, or `[T, C, H, W]` for sequences. */
  readonly image: Float32Array;
  /** `[H, W]`; for sequences the truth of the last frame. */
  readonly label: Uint8Array;
}

/** An example as people look at it: before normalisation. */
export interface ViewedExample {
  /** Name of the example, after its files where it has some. */
  readonly id: string;
  /** Height H and width W. */
  readonly size: Size;
  /** Number of channels C. */
  readonly channels: number;
  /** 0 for a still image, else the frames of the sequence. */
  readonly frames: number;
  /** `[C, H, W]` or `[T, C, H, W]`; pictures are RGB 0 … 255, events are their stored values. */
  readonly values: Float32Array;
  /** `[H, W]`; for sequences the truth of the last frame. */
  readonly label: Uint8Array;
}

/** Which random numbers an example gets: those of a run's seed, an epoch and the example, of nothing else. */
export interface ReadContext {
  /** Of the run; augmentation and noise follow from it. */
  readonly seed: number;
  /** Augmentation differs from epoch to epoch, noise does not. */
  readonly epoch: number;
}

/** What a data set is, beside its examples. */
export interface DatasetFacts {
  /** Kind of data set, such as `voc2012`; of a definition its own name. */
  readonly name: string;
  /** Such as `train`. */
  readonly split: string;
  /** Names of the K classes; label k is the k-th. */
  readonly classes: readonly string[];
  /** One a class. */
  readonly colors: readonly Rgb[];
  /** Channels C of every image. */
  readonly channels: number;
  /** 0 for still images, else the frames T of every example. */
  readonly frames: number;
  /** Height H and width W of the images and labels that `read` gives. */
  readonly size: Size;
  /** Number of examples. */
  readonly length: number;
  /** How many pictures or frames a cache may keep; sequences share theirs. */
  readonly records: number;
  /** Elements of a record's values and labels, where a record is no image of {@link DatasetFacts.size} with its labels. @internal */
  readonly recordSize?: { readonly values: number; readonly labels: number } | undefined;
  /** The ids of its masks that became void (255). */
  readonly voidIds: readonly number[];
  /** How photographs are held when they are read. */
  readonly orientation?: Orientation | undefined;
  /**
   * Name of an example, after its files where it has some.
   *
   * @param index - 0 … length − 1
   */
  id(index: number): string;
}

/** A split of a data set, open for reading example by example. */
export interface SegmentationDataset extends DatasetFacts {
  /** What looks wrong in its files, as far as opening shows: damaged recordings, labels on another clock. */
  readonly suspicions: readonly Suspicion[];
  /**
   * Where in the network's input an example of a stored size lies.
   *
   * @param stored - height and width of the example's files
   */
  regionOf(stored: Size): InputRegion;
  /**
   * Paths of the files of an example; none of one that is made while reading.
   *
   * @param index - 0 … length − 1
   */
  files(index: number): readonly string[];
  /**
   * The example as a network sees it: augmented, with noise, normalised.
   *
   * @param index - 0 … length − 1
   * @param context - which random numbers augmentation and noise draw
   * @throws FileError or DataFormatError naming the file, if it is missing, damaged, or its mask does not fit;
   * OptionError for an index without an example
   */
  read(index: number, context: ReadContext): Promise<Example>;
  /**
   * The example at the network's size, without augmentation, noise and normalisation.
   *
   * @param index - 0 … length − 1
   */
  view(index: number): Promise<ViewedExample>;
  /**
   * The example as its files hold it: at its own size, nothing changed.
   *
   * @param index - 0 … length − 1
   */
  stored(index: number): Promise<ViewedExample>;
  /**
   * The same examples with other augmentation, noise or cache; this data set is not changed.
   *
   * @param options - what is not given stays
   * @throws OptionError for both augmentation and noise, or a strength out of range
   */
  withOptions(options: OpenOptions): SegmentationDataset;
}
