/** Data sets of photographs and mask files: VOC2012, folders of pairs. */
import { DataFormatError } from "../errors.js";
import {
  type ColorMap,
  type LabelMap,
  planesOf,
  type Rgb,
  type RgbImage,
  readMask,
  readPicture,
} from "../images/index.js";
import type { Fit, PictureSpec, Preprocessing } from "./dataset-spec.js";
import type { ExampleSource, PreparedRecord, StoredRecord } from "./example-source.js";
import { letterbox, stretch } from "./fit.js";
import { labelsOfIds, withVoidAs } from "./labels.js";
import { neutralColor, normalisePicture } from "./preprocessing.js";

/** An image file and its mask file. */
export interface PicturePair {
  readonly id: string;
  readonly image: string;
  readonly mask: string;
}

export interface PictureSet {
  readonly name: string;
  readonly split: string;
  readonly classes: readonly string[];
  readonly colors: readonly Rgb[];
  readonly pairs: readonly PicturePair[];
  /** The id that masks use for void. */
  readonly voidId: number;
  /** For masks in true colour. */
  readonly colorMap?: ColorMap;
  /** Void becomes class 0. */
  readonly voidIsBackground?: boolean;
}

/** The way pictures come to the network's size where the spec does not say. */
export function defaultFit(preprocessing: Preprocessing): Fit {
  return preprocessing === "imagenet" ? "letterbox" : "stretch";
}

/** Makes a source of image and mask files. */
export function pictureSource(set: PictureSet, spec: PictureSpec): ExampleSource {
  const { name, split, classes, colors, pairs } = set;
  const preprocessing = spec.preprocessing ?? "paper";
  const fit = spec.fit ?? defaultFit(preprocessing);
  const padding = neutralColor(preprocessing);

  const load = async ({ image, mask }: PicturePair): Promise<{ picture: RgbImage; labels: LabelMap }> => {
    const [picture, ids] = await Promise.all([readPicture(image), readMask(mask, set.colorMap)]);
    if (ids.height !== picture.height || ids.width !== picture.width) {
      throw new DataFormatError(
        `read mask ${mask}: expected ${picture.height}x${picture.width} (height x width), the size of ${image}, received ${ids.height}x${ids.width}; correct the mask or the list`,
      );
    }
    const labels = labelsOfIds(ids, { classCount: classes.length, voidId: set.voidId, file: mask });
    return { picture, labels };
  };
  const prepare = async (record: number): Promise<PreparedRecord> => {
    const { picture, labels } = await load(pairs[record] as PicturePair);
    const fitted =
      fit === "stretch"
        ? stretch(picture, labels, spec.imgSize)
        : letterbox(picture, labels, { size: spec.imgSize, padding });
    const label = fitted.labels.data;
    return { values: fitted.picture.data, label: set.voidIsBackground ? withVoidAs(0, label) : label };
  };
  const stored = async (record: number): Promise<StoredRecord> => {
    const { picture, labels } = await load(pairs[record] as PicturePair);
    return { values: planesOf(picture), labels };
  };
  return {
    ...{ name, split, classes, colors, channels: 3, frames: 0, size: spec.imgSize },
    length: pairs.length,
    records: pairs.length,
    id: (index) => (pairs[index] as PicturePair).id,
    recordsOf: (index) => [index],
    prepare,
    stored,
    toNoiseScale: (values) => values,
    normalise: (values) => normalisePicture(values, preprocessing),
  };
}
