/** Which data set, and how its examples are prepared: plain JSON, so that worker threads and checkpoints can hold it. */
import type { EventFileOptions } from "../events/index.js";
import type { LabelPixel, Orientation, Size } from "../images/index.js";

/**
 * - `"paper"`: BGR minus the mean of VOC's images, divided by 255, as the reference has it; values in about ±0.5
 * - `"imagenet"`: RGB scaled to 0 … 1, minus ImageNet's mean, divided by its standard deviation
 * - `"unit"`: RGB scaled to 0 … 1
 */
export type Preprocessing = "paper" | "imagenet" | "unit";

/** `"stretch"` ignores the aspect; `"letterbox"` keeps it and pads with the mean colour and void. */
export type Fit = "stretch" | "letterbox";

/** A data set whose labels are pictures at their own size. */
export interface MaskedSpec {
  /** Which pixel of a mask a label at the network's size takes; default `"centre"`, the paper's is `"corner"`. */
  readonly labelPixel?: LabelPixel;
}

export interface PictureSpec extends MaskedSpec {
  /** Height and width of the network's input. */
  readonly imgSize: Size;
  /** Whether pictures and masks are turned as their EXIF says; default: as the class list says, else `"turned"`. */
  readonly orientation?: Orientation;
  /** Default `"paper"`. */
  readonly preprocessing?: Preprocessing;
  /** Default `"letterbox"` with `"imagenet"`, else `"stretch"`. */
  readonly fit?: Fit;
}

export interface Voc2012Spec extends PictureSpec {
  readonly name: "voc2012";
  /** A folder with `JPEGImages`, or one that holds `VOCdevkit/VOC2012` or `VOC2012`. */
  readonly root: string;
  /** What void pixels become: `"ignore"` (default), or `"background"` as in the reference while it trains. */
  readonly void?: "ignore" | "background";
  /** Other list files than `ImageSets/Segmentation/SPLIT.txt`, by split; relative to the root. */
  readonly lists?: Readonly<Record<string, string>>;
}

export interface FolderSpec extends PictureSpec {
  readonly name: "folder";
  /** A folder with `train.txt`, `val.txt`, `test.txt` as far as they exist, and `dataset.json`. */
  readonly root: string;
  /** The class list, where it is not `dataset.json` in the root. */
  readonly classesFile?: string;
  readonly lists?: Readonly<Record<string, string>>;
}

export interface DigitsSpec {
  readonly name: "digits";
  readonly imgSize: Size;
  /** Default `"paper"`. */
  readonly preprocessing?: Preprocessing;
  /** Folder with MNIST's IDX files; default: the digits that come with the package. */
  readonly mnist?: string;
  /** Folder with CIFAR-10's binary files as backgrounds; default: generated textures. */
  readonly cifar10?: string;
  /** Default 2,000. */
  readonly trainSize?: number;
  /** Default 400. */
  readonly valSize?: number;
  /** Fewest and most digits of an example; default [1, 2]. */
  readonly digits?: readonly [number, number];
  /** Longer side of a digit, as shares of the image's shorter side; default [0.5, 0.8]. */
  readonly scale?: readonly [number, number];
  /** Largest share of a digit's box that may lie under or over another's; default 0.2. */
  readonly overlap?: number;
  /** Who covers whom where digits overlap; default `"last"`. */
  readonly occlusion?: "first" | "last" | "random";
  /** Seed of the compositions, not of training; default 0. */
  readonly seed?: number;
}

export interface Ddd17Spec extends MaskedSpec {
  readonly name: "ddd17";
  /** A folder with `events`, `labels` and optionally `datalists` in Ev-SegNet's layout. */
  readonly root: string;
  readonly imgSize: Size;
  /** The first 2 of the stored channels, as in the paper (default), or all 6. */
  readonly channels?: 2 | 6;
  /** What is brought to [−0.5, 0.5]: each `"channel"` (default), or each image `"column"`, as in the reference. */
  readonly scaling?: "channel" | "column";
  /** Frames T of a sequence (target history learning); 0 (default) gives single frames. */
  readonly sequence?: number;
  /** Which recordings a split holds: those of its folder or list (default), or the division of ESS. */
  readonly division?: "ev-segnet" | "ess";
  readonly lists?: Readonly<Record<string, string>>;
}

/** How frames are cut from recordings on the fly. */
export interface SlicedEventsSpec extends MaskedSpec {
  /**
   * `"counts"`: events per pixel and polarity, 2 channels (default); `"ev-segnet"`: 6 channels with the times' mean
   * and deviation; `"voxel"`: `bins` channels over time.
   */
  readonly representation?: "counts" | "ev-segnet" | "voxel";
  /** Channels of `"voxel"`; default 5. */
  readonly bins?: number;
  /** Length of the window that ends at the label's moment, in microseconds; default 50,000. */
  readonly windowUs?: number;
  /** What the recordings do not say about themselves, and whether what breaks their format is refused. */
  readonly reading?: EventFileOptions;
  /** Where cut frames are kept; default `.event-frames` in the root. */
  readonly cache?: string;
}

export interface DsecSpec extends SlicedEventsSpec {
  readonly name: "dsec";
  /** A folder with `train` and `test`, which hold one folder a sequence. */
  readonly root: string;
  readonly imgSize: Size;
  /** Default 11. */
  readonly classes?: 11 | 19;
}

export interface EventsSpec extends SlicedEventsSpec {
  readonly name: "events";
  /** A folder with a folder for each split, which holds recordings NAME.* and folders NAME of label PNGs. */
  readonly root: string;
  readonly imgSize: Size;
  /** The class list, where it is not `dataset.json` in the root. */
  readonly classesFile?: string;
}

export type DatasetSpec = Voc2012Spec | FolderSpec | DigitsSpec | Ddd17Spec | DsecSpec | EventsSpec;
