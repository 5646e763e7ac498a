/** Any folder of images and masks: lists of pairs beside a class file. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { FileError } from "../../../errors.js";
import type { PictureSpec } from "../../core/dataset-spec.js";
import { checkFolder, listOfSplit } from "../../lists/list-file.js";
import { classFileColors, classFileOf, readClassFile } from "../../masks/class-file.js";
import { listedPictures, pictureSource } from "../../prepare/picture-source.js";
import { type DatasetKind, listedPicturesTaken, pictureWords, placeOf } from "../dataset-kind.js";
import { folderLayout, folderPair } from "./folder-lists.js";

/** Any folder of pictures and masks. */
export interface FolderSpec extends PictureSpec {
  /** Which kind of data set. */
  readonly name: "folder";
  /** A folder with `train.txt`, `val.txt`, `test.txt` as far as they exist, and `dataset.json`. */
  readonly root: string;
  /** The class list, where it is not `dataset.json` in the root. */
  readonly classesFile?: string;
  /** Other list files than `SPLIT.txt`, by split; relative to the root. */
  readonly lists?: Readonly<Record<string, string>>;
}

export const folder: DatasetKind<FolderSpec> = {
  name: "folder",
  input: "pictures",
  takes: { ...listedPicturesTaken, classes: true },
  options: {},
  specOf: (values) => ({
    ...{ name: "folder", ...placeOf(values), ...pictureWords(values) },
    ...(values.classes === null ? {} : { classesFile: values.classes }),
  }),
  async open(spec, split, trusted) {
    const { root } = spec;
    checkFolder(root, "folder data set");
    const classFile = classFileOf(spec);
    if (!existsSync(classFile)) {
      throw new FileError(
        `open folder data set ${root}: expected the class list ${classFile}, received no such file; write {"classes": ["name", …], "void": id} there or give another with --classes FILE`,
      );
    }
    const { classes, colors, maskCode, orientation } = await readClassFile(classFile);
    const list = await listOfSplit(split, { root, folder: root, lists: spec.lists });
    const pairs = await listedPictures(list, (line) => folderPair(line, root), trusted);
    const set = { name: "folder", split, classes, colors, pairs, maskCode };
    return pictureSource(set, orientation === undefined ? spec : { orientation, ...spec });
  },
  /** Scores `val` where its list exists, else `test`. */
  usualSplits({ root, lists }) {
    const has = (split: string) => lists?.[split] !== undefined || existsSync(join(root, `${split}.txt`));
    return { train: "train", evaluate: !has("val") && has("test") ? "test" : "val" };
  },
  lists: folderLayout,
  colors: classFileColors,
};
