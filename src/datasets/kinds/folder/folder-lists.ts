/** Pairs of images and masks in a folder: its lists, and what lies on the disk. */
import { readdir } from "node:fs/promises";
import { extname } from "node:path";
import { isSystemFile } from "../../../files/index.js";
import { maskSuffixes, pictureSuffixes } from "../../../images/index.js";
import { checkFolder, type ListLine, listError, listedPath } from "../../lists/list-file.js";
import { type FoundExample, type ListedRoot, type ListLayout, listsIn } from "../../lists/list-layout.js";
import { splitOfName } from "../../lists/split-names.js";
import type { PicturePair } from "../../prepare/picture-source.js";

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

/** In small letters, as folders' names are compared without their capitals. */
const imageFolders = new Set(["images", "image", "imgs", "img", "jpegimages"]);
const maskFolders = new Set([
  ...["labels", "label", "masks", "mask", "annotations"],
  ...["segmentationclass", "segmentationclassaug"],
]);
const splitNames = new Set(["train", "val", "test"]);

/** Pairs are files of equal paths but for the suffix and the folder `images` in place of `labels` or `masks`. */
export function folderLayout(spec: ListedRoot): ListLayout {
  const { root } = spec;
  checkFolder(root, "folder data set");
  return {
    root,
    written: ".",
    fileOf: (split) => `${split}.txt`,
    lists: async () => {
      const lists = await listsIn(root, spec.lists, root);
      return new Map(
        [...lists].filter(([split]) => splitNames.has(split) || spec.lists?.[split] !== undefined),
      );
    },
    filesOf(line) {
      const { image, mask } = folderPair(line, root);
      return [image, mask];
    },
    async find() {
      const all = (await readdir(root, { recursive: true })).map((path) => path.replaceAll("\\", "/"));
      const files = all.filter((path) => !isSystemFile(path)).sort();
      const images = new Map<string, string>();
      const masks = new Map<string, string>();
      const others: string[] = [];
      const put = (files: Map<string, string>, key: string, path: string) => {
        const before = files.get(key);
        if (before === undefined) files.set(key, path);
        else others.push(`${path}: beside ${before}, which has its name`);
      };
      for (const path of files) {
        const suffix = extname(path).toLowerCase();
        const folders = path.split("/").slice(0, -1);
        const isIn = (kind: ReadonlySet<string>) => folders.some((name) => kind.has(name.toLowerCase()));
        if (pictureSuffixes.has(suffix) && isIn(imageFolders)) {
          put(images, pairKey(path, imageFolders), path);
        } else if (maskSuffixes.has(suffix) && isIn(maskFolders)) {
          put(masks, pairKey(path, maskFolders), path);
        } else if (pictureSuffixes.has(suffix) && isIn(maskFolders)) {
          others.push(`${path}: no PNG or TIFF, which keep the values of masks`);
        }
      }
      const complete: FoundExample[] = [];
      const leftOut = others.concat(
        [...masks].filter(([key]) => !images.has(key)).map(([, mask]) => `${mask}: no image`),
      );
      for (const [key, image] of images) {
        const mask = masks.get(key);
        if (mask === undefined) leftOut.push(`${image}: no mask`);
        else {
          const separator = /\s/.test(image + mask) ? "\t" : " ";
          const split = image
            .split("/")
            .slice(0, -1)
            .map(splitOfName)
            .find((name) => name !== undefined);
          complete.push({
            line: `${image}${separator}${mask}`,
            name: withoutSuffix(image),
            splits: split === undefined ? [] : [split],
          });
        }
      }
      // Where some folders are splits, the others are none: at random their pictures could be in two.
      const placed = complete.filter(({ splits }) => splits.length > 0);
      if (placed.length === 0) return { complete, leftOut };
      for (const { line, splits } of complete) {
        if (splits.length === 0) leftOut.push(`${line}: in no folder of a split (train, val or test)`);
      }
      return { complete: placed, leftOut };
    },
  };
}

function pairKey(path: string, folders: ReadonlySet<string>): string {
  return withoutSuffix(path)
    .split("/")
    .map((name) => (folders.has(name.toLowerCase()) ? "*" : name))
    .join("/");
}

function withoutSuffix(path: string): string {
  return path.slice(0, path.length - extname(path).length);
}
