/** VOC2012's folders and lists: ids, or pairs of paths relative to the root. */
import { existsSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { FileError } from "../../../errors.js";
import { checkFolder, type ListLine, listError, listedPath, readListFile } from "../../lists/list-file.js";
import { type ListedRoot, type ListLayout, listsIn, stems } from "../../lists/list-layout.js";
import type { PicturePair } from "../../prepare/picture-source.js";

const listFolder = join("ImageSets", "Segmentation");

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

/** Where its lists lie, and which examples lie on the disk. @throws FileError if the root is missing */
export function vocLayout({ root: given, lists: named }: ListedRoot): ListLayout {
  const root = vocFolder(given);
  const official = vocListFolder(given);
  return {
    root,
    written: "lists",
    fileOf: (split) => `${split}.txt`,
    lists: () => listsIn(official, named, root),
    filesOf(line) {
      const { image, mask } = vocPair(line, root);
      return [image, mask];
    },
    async find() {
      const images = await stems(join(root, "JPEGImages"), ".jpg");
      const masks = new Map<string, string>();
      for (const folder of ["SegmentationClass", "SegmentationClassAug"]) {
        for (const id of await stems(join(root, folder), ".png")) masks.set(id, folder);
      }
      const membership = new Map<string, string[]>();
      const leftOut: string[] = [];
      const lists = await listsIn(official, undefined, root);
      for (const [split, list] of lists) {
        for (const line of await readListFile(list)) {
          const { id } = vocPair(line, root);
          const complete = images.has(id) && masks.has(id);
          if (complete) membership.set(id, [...(membership.get(id) ?? []), split]);
          else leftOut.push(`${id} of ${split}: no ${images.has(id) ? "mask" : "image"}`);
        }
      }
      const ids = lists.size > 0 ? [...membership.keys()] : [...images].filter((id) => masks.has(id));
      const complete = ids.map((id) => ({
        line: `JPEGImages/${id}.jpg ${masks.get(id)}/${id}.png`,
        name: id,
        splits: membership.get(id) ?? [],
      }));
      return { complete, leftOut };
    },
  };
}
