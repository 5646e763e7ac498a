/**
 * What the specs of data sets have in common: plain JSON, so that worker threads and checkpoints can hold them. The rest
 * of each stands with its kind.
 */
import type { EventFileOptions } from "../../events/web.js";
import type { LabelPixel, Orientation, Size } from "../../images/web.js";

/**
 * - `"paper"`: BGR minus the mean of VOC's images, divided by 255, as the reference has it; values in about ±0.5
 * - `"imagenet"`: RGB scaled to 0 … 1, minus ImageNet's mean, divided by its standard deviation
 * - `"unit"`: RGB scaled to 0 … 1
 */
export type Preprocessing = "paper" | "imagenet" | "unit";

/** `"stretch"` ignores the aspect; `"letterbox"` keeps it and pads with the mean colour and void. */
export type Fit = "stretch" | "letterbox";

/** What every data set says: which kind it is, and the size of the network's input. */
export interface KindSpec {
  /** Which kind of data set. */
  readonly name: string;
  /** Height and width of the network's input. */
  readonly imgSize: Size;
}

/** A data set whose labels are pictures at their own size. */
export interface MaskedSpec {
  /** Which pixel of a mask a label at the network's size takes; default `"centre"`, the paper's is `"corner"`. */
  readonly labelPixel?: LabelPixel;
}

/** What the specs of photographs and other pictures have in common. */
export interface PictureSpec extends MaskedSpec, KindSpec {
  /** Whether pictures and masks are turned as their EXIF says; default: as the class list says, else `"turned"`. */
  readonly orientation?: Orientation;
  /** Default `"paper"`. */
  readonly preprocessing?: Preprocessing;
  /** Default `"letterbox"` with `"imagenet"`, else `"stretch"`. */
  readonly fit?: Fit;
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
  /** Length of the window that ends at the label's moment, in microseconds; default 50 ms. */
  readonly windowUs?: number;
  /** What the recordings do not say about themselves, and whether what breaks their format is refused. */
  readonly reading?: EventFileOptions;
  /** Where cut frames are kept; default `.event-frames` in the root. */
  readonly cache?: string;
}
