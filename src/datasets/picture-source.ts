/** Data sets of photographs and mask files: VOC2012, folders of pairs. */
import { DataFormatError } from "../errors.js";
import { type LabelMap, planesOf, type Rgb, type RgbImage, readPicture } from "../images/index.js";
import type { Fit, PictureSpec, Preprocessing } from "./dataset-spec.js";
import type { ExampleSource, PreparedRecord, StoredRecord } from "./example-source.js";
import { fitImage, fitLabels, fittedRegion } from "./fit.js";
import { readLabels, withVoidAs } from "./labels.js";
import { type MaskCode, voidValues } from "./mask-code.js";
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
  readonly maskCode: MaskCode;
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
  const orientation = spec.orientation ?? "turned";
  const { imgSize: size, labelPixel } = spec;
  const fitting = { size, fit, padding: neutralColor(preprocessing), labelPixel };

  const load = async ({ image, mask }: PicturePair): Promise<{ picture: RgbImage; labels: LabelMap }> => {
    const [picture, labels] = await Promise.all([
      readPicture(image, { orientation }),
      readLabels(mask, set.maskCode, orientation),
    ]);
    if (labels.height !== picture.height || labels.width !== picture.width) {
      const isTurned = labels.height === picture.width && labels.width === picture.height;
      const next = isTurned
        ? `if the mask was drawn on the pixels as stored, add --orientation ${orientation === "turned" ? "stored" : "turned"}`
        : "correct the mask or the list";
      throw new DataFormatError(
        `read mask ${mask}: expected ${picture.height}x${picture.width} (height x width), the size of ${image}, received ${labels.height}x${labels.width}; ${next}`,
      );
    }
    return { picture, labels };
  };
  const prepare = async (record: number): Promise<PreparedRecord> => {
    const { picture, labels } = await load(pairs[record] as PicturePair);
    const label = fitLabels(labels, fitting).data;
    const values = fitImage(picture, fitting).data;
    return { values, label: set.voidIsBackground ? withVoidAs(0, label) : label };
  };
  const stored = async (record: number): Promise<StoredRecord> => {
    const { picture, labels } = await load(pairs[record] as PicturePair);
    return { values: planesOf(picture), labels };
  };
  return {
    ...{ name, split, classes, colors, channels: 3, frames: 0, size, orientation },
    voidIds: voidValues(set.maskCode),
    regionOf: (stored) => fittedRegion(stored, size, fit),
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
