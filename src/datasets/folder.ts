/** Any folder of images and masks: lists of pairs beside a class file. */
import { existsSync } from "node:fs";
import { extname, join } from "node:path";
import { FileError } from "../errors.js";
import { readClassFile } from "./class-file.js";
import type { FolderSpec } from "./dataset-spec.js";
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
import { type PicturePair, pictureSource } from "./picture-source.js";

/**
 * Opens a split: `SPLIT.txt` in the root holds one `image mask` pair of relative paths a line.
 *
 * @param trusted - skips the check that all files exist, which another thread has made
 */
export async function openFolder(spec: FolderSpec, split: string, trusted: boolean): Promise<ExampleSource> {
  const { root } = spec;
  checkFolder(root, "folder data set");
  const classFile = spec.classesFile ?? join(root, "dataset.json");
  if (!existsSync(classFile)) {
    throw new FileError(
      `open folder data set ${root}: expected the class list ${classFile}, received no such file; write {"classes": ["name", …], "void": id} there or give another with --classes FILE`,
    );
  }
  const { classes, colors, maskCode, orientation } = await readClassFile(classFile);
  const lines = await readListFile(await listOfSplit(split, { root, folder: root, lists: spec.lists }));
  const pairs = lines.map((line) => folderPair(line, root));
  if (!trusted) {
    await checkListedFiles(
      pairs.flatMap(({ image, mask }, i) =>
        [image, mask].map((path) => ({ path, from: lines[i] as ListLine })),
      ),
    );
  }
  const set = { name: "folder", split, classes, colors, pairs, maskCode };
  return pictureSource(set, orientation === undefined ? spec : { orientation, ...spec });
}

/** What a line of a list stands for. */
export function folderPair(line: ListLine, root: string): PicturePair {
  const [image, mask] = line.fields;
  if (image === undefined || mask === undefined || line.fields.length > 2) {
    throw listError(line, "two paths, image and mask");
  }
  return {
    id: image.slice(0, image.length - extname(image).length),
    image: listedPath(root, image),
    mask: listedPath(root, mask),
  };
}
