/**
 * PASCAL VOC2012 segmentation, with or without the extra masks of SBD.
 *
 * @see Everingham et al., "The PASCAL Visual Object Classes Challenge: A Retrospective", IJCV 2015
 * @see Hariharan et al., "Semantic contours from inverse detectors", ICCV 2011
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { colorKey } from "../../../images/index.js";
import { voidLabel } from "../../../metrics/index.js";
import type { PictureSpec } from "../../core/dataset-spec.js";
import { listOfSplit } from "../../lists/list-file.js";
import { type MaskCode, plainMaskCode } from "../../masks/mask-code.js";
import { listedPictures, pictureSource } from "../../prepare/picture-source.js";
import { type DatasetKind, listedPicturesTaken, pictureWords, placeOf } from "../dataset-kind.js";
import { vocClasses, vocColor } from "./voc-classes.js";
import { vocFolder, vocLayout, vocListFolder, vocPair } from "./voc-lists.js";

/** PASCAL VOC 2012: photographs with 21 classes. */
export interface Voc2012Spec extends PictureSpec {
  /** Which kind of data set. */
  readonly name: "voc2012";
  /** A folder with `JPEGImages`, or one that holds `VOCdevkit/VOC2012` or `VOC2012`. */
  readonly root: string;
  /** What void pixels become: `"ignore"` (default), or `"background"` as in the reference while it trains. */
  readonly void?: "ignore" | "background";
  /** Other list files than `ImageSets/Segmentation/SPLIT.txt`, by split; relative to the root. */
  readonly lists?: Readonly<Record<string, string>>;
}

const maskCode: MaskCode = {
  ...plainMaskCode(vocClasses.length),
  colors: new Map([...vocClasses.keys(), voidLabel].map((id) => [colorKey(vocColor(id)), id])),
};

/** Trains on `train_aug` where its list exists, else on `train`. */
function usualSplits({ root, lists }: Voc2012Spec) {
  const isAugmented =
    lists?.train_aug !== undefined || existsSync(join(vocListFolder(root), "train_aug.txt"));
  return { train: isAugmented ? "train_aug" : "train", evaluate: "val" };
}

export const voc2012: DatasetKind<Voc2012Spec> = {
  name: "voc2012",
  input: "pictures",
  takes: { ...listedPicturesTaken, void: true },
  options: {},
  specOf: (values) => ({
    ...{ name: "voc2012", ...placeOf(values), ...pictureWords(values), void: values.void },
  }),
  async open(spec, split, trusted) {
    const root = vocFolder(spec.root);
    const list = await listOfSplit(split, { root, folder: vocListFolder(spec.root), lists: spec.lists });
    const pairs = await listedPictures(list, (line) => vocPair(line, root), trusted);
    const voidIsBackground = spec.void === "background";
    const colors = vocClasses.map((_, id) => vocColor(id));
    const set = { name: "voc2012", split, classes: vocClasses, colors, pairs, maskCode };
    return pictureSource({ ...set, voidIsBackground }, spec);
  },
  usualSplits,
  // Its lists hold one another, so that no more than two are worth a look.
  async splits(spec) {
    const { train, evaluate } = usualSplits(spec);
    const present = await vocLayout(spec).lists();
    return [train, evaluate].filter((split) => present.has(split));
  },
  lists: vocLayout,
  colors: async (_, classes) => Array.from({ length: classes }, (_, id) => vocColor(id)),
};
