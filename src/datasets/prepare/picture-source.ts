/** Data sets of photographs and mask files: VOC2012, folders of pairs. */
import { DataFormatError } from "../../errors.js";
import { planesOf, type Rgb, readPicture } from "../../images/index.js";
import type { PictureSpec } from "../core/dataset-spec.js";
import type { ExampleSource } from "../core/example-source.js";
import type { PictureFiles } from "../core/picture-crops.js";
import type { DecodedPicture, StoredRecord } from "../core/record.js";
import { checkListedFiles, type ListLine, readListFile } from "../lists/list-file.js";
import { readLabels, withVoidAs } from "../masks/labels.js";
import { type MaskCode, voidValues } from "../masks/mask-code.js";
import { picturePreparation } from "./picture-preparation.js";

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

/**
 * The pairs of a list.
 *
 * @param pairOf - what a line stands for
 * @param trusted - skips the check that all files exist, which another thread has made
 * @throws FileError or DataFormatError naming list and line
 */
export async function listedPictures(
  list: string,
  pairOf: (line: ListLine) => PicturePair,
  trusted: boolean,
): Promise<readonly PicturePair[]> {
  const lines = await readListFile(list);
  const pairs = lines.map((from) => ({ ...pairOf(from), from }));
  if (!trusted) {
    await checkListedFiles(
      pairs.flatMap(({ image, mask, from }) => [image, mask].map((path) => ({ path, from }))),
    );
  }
  return pairs;
}

/** Makes a source of image and mask files. */
export function pictureSource(set: PictureSet, spec: PictureSpec): ExampleSource {
  const { name, split, classes, colors, pairs } = set;
  const { imgSize: size, orientation = "turned" } = spec;
  const { fitImage, fitLabels, regionOf, normalise, part } = picturePreparation(spec);

  const load = async ({ image, mask }: PicturePair): Promise<DecodedPicture> => {
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
  const pictures: PictureFiles = {
    async decode(record) {
      const { picture, labels } = await load(pairs[record] as PicturePair);
      if (!set.voidIsBackground) return { picture, labels };
      return { picture, labels: { ...labels, data: withVoidAs(0, labels.data) } };
    },
    prepare({ picture, labels }) {
      const label = fitLabels(labels);
      return { values: fitImage(picture).data, label: set.voidIsBackground ? withVoidAs(0, label) : label };
    },
    part,
  };
  const stored = async (record: number): Promise<StoredRecord> => {
    const { picture, labels } = await load(pairs[record] as PicturePair);
    return { values: planesOf(picture), labels };
  };
  return {
    ...{ name, split, classes, colors, channels: 3, frames: 0, size, orientation },
    voidIds: voidValues(set.maskCode),
    regionOf,
    length: pairs.length,
    records: pairs.length,
    id: (index) => (pairs[index] as PicturePair).id,
    recordsOf: (index) => [index],
    filesOf(record) {
      const { image, mask } = pairs[record] as PicturePair;
      return [image, mask];
    },
    prepare: async (record) => pictures.prepare(await pictures.decode(record)),
    stored,
    pictures,
    toNoiseScale: (values) => values,
    normalise,
  };
}
