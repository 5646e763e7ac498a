/**
 * PASCAL VOC2012 segmentation, with or without the extra masks of SBD.
 *
 * @see Everingham et al., "The PASCAL Visual Object Classes Challenge: A Retrospective", IJCV 2015
 * @see Hariharan et al., "Semantic contours from inverse detectors", ICCV 2011
 */
import { existsSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { FileError } from "../errors.js";
import { colorKey } from "../images/index.js";
import { vocClasses, vocColor } from "./class-colors.js";
import { voidLabel } from "./dataset.js";
import type { Voc2012Spec } from "./dataset-spec.js";
import type { ExampleSource } from "./example-source.js";
import {
  checkFolder,
  checkListedFiles,
  type ListLine,
  listError,
  listedPath,
  listOfSplit,
  readListFile,
} from "./list-file.js";
import { type MaskCode, plainMaskCode } from "./mask-code.js";
import { type PicturePair, pictureSource } from "./picture-source.js";

const listFolder = join("ImageSets", "Segmentation");
const maskCode: MaskCode = {
  ...plainMaskCode(vocClasses.length),
  colors: new Map([...vocClasses.keys(), voidLabel].map((id) => [colorKey(vocColor(id)), id])),
};
export const vocColors = vocClasses.map((_, id) => vocColor(id));

/** The folder with `JPEGImages`: the root itself, or where the official archive unpacks to inside it. */
export function vocFolder(root: string): string {
  checkFolder(root, "voc2012");
  const folders = [".", "VOC2012", join("VOCdevkit", "VOC2012")].map((inside) => join(root, inside));
  const found = folders.find((folder) => existsSync(join(folder, "JPEGImages")));
  if (found !== undefined) return found;
  throw new FileError(
    `open voc2012: expected the folder JPEGImages in ${root} or in ${join(root, "VOCdevkit", "VOC2012")}, received neither; give the folder that the official archive unpacks to`,
  );
}

/** The folder with VOC's segmentation lists. */
export function vocListFolder(root: string): string {
  return join(vocFolder(root), listFolder);
}

/**
 * Opens a split; its list holds ids, or pairs of paths relative to the root.
 *
 * @param trusted - skips the check that all files exist, which another thread has made
 */
export async function openVoc2012(
  spec: Voc2012Spec,
  split: string,
  trusted: boolean,
): Promise<ExampleSource> {
  const root = vocFolder(spec.root);
  const list = await listOfSplit(split, { root, folder: join(root, listFolder), lists: spec.lists });
  const lines = await readListFile(list);
  const pairs = lines.map((line) => vocPair(line, root));
  if (!trusted) {
    await checkListedFiles(
      pairs.flatMap(({ image, mask }, i) =>
        [image, mask].map((path) => ({ path, from: lines[i] as ListLine })),
      ),
    );
  }
  const voidIsBackground = spec.void === "background";
  const set = { name: "voc2012", split, classes: vocClasses, colors: vocColors, pairs, maskCode };
  return pictureSource({ ...set, voidIsBackground }, spec);
}

/** What a line of a list stands for. */
export function vocPair(line: ListLine, root: string): PicturePair {
  const [first, second] = line.fields as [string, string?];
  if (line.fields.length > 2) throw listError(line, "an id, or an image and a mask path");
  if (second !== undefined) {
    const [image, mask] = [listedPath(root, first), listedPath(root, second)];
    return { id: basename(first, extname(first)), image, mask };
  }
  const masks = ["SegmentationClassAug", "SegmentationClass"].map((folder) =>
    join(root, folder, `${first}.png`),
  );
  const mask = masks.find((path) => existsSync(path)) ?? (masks[0] as string);
  return { id: first, image: join(root, "JPEGImages", `${first}.jpg`), mask };
}
