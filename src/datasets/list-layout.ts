/** Where the lists of each kind of data set lie, what their lines mean, and which examples lie on the disk. */
import { readdir } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { OptionError } from "../errors.js";
import { isSystemFile } from "../files/index.js";
import { maskSuffixes, pictureSuffixes } from "../images/index.js";
import type { DatasetSpec, Ddd17Spec, FolderSpec, Voc2012Spec } from "./dataset-spec.js";
import { ddd17Pair, folderFrames } from "./ddd17-files.js";
import { folderPair } from "./folder.js";
import { checkFolder, type ListLine, listedPath, listsBySplit, readListFile } from "./list-file.js";
import { splitOfName } from "./split-names.js";
import { vocFolder, vocListFolder, vocPair } from "./voc2012.js";

/** An example found on the disk, complete with its truth. */
export interface FoundExample {
  /** The line that lists it. */
  readonly line: string;
  /** Path without suffix, for order and sequences. */
  readonly name: string;
  /** The splits it belongs to; none where nothing on the disk says. */
  readonly splits: readonly string[];
}

export interface FoundExamples {
  readonly complete: readonly FoundExample[];
  /** What cannot be listed, each with its reason. */
  readonly leftOut: readonly string[];
}

export interface ListLayout {
  /** The folder that paths in lists are relative to. */
  readonly root: string;
  /** The folder of the lists that are written, relative to the root. */
  readonly written: string;
  /** The name of a split's written list. */
  fileOf(split: string): string;
  /** The lists that are there, by split. */
  lists(): Promise<ReadonlyMap<string, string>>;
  /** The two files that a line stands for. */
  filesOf(line: ListLine): readonly [string, string];
  find(): Promise<FoundExamples>;
}

/**
 * The layout of a data set's lists.
 *
 * @throws OptionError for data sets without lists, FileError if the root is missing
 */
export function listLayout(spec: DatasetSpec): ListLayout {
  switch (spec.name) {
    case "voc2012":
      return vocLayout(spec);
    case "folder":
      return folderLayout(spec);
    case "ddd17":
      return ddd17Layout(spec);
    default:
      throw new OptionError(
        `lists of ${spec.name}: expected a data set of files, received one that is generated; it needs no lists`,
      );
  }
}

function vocLayout(spec: Voc2012Spec): ListLayout {
  const root = vocFolder(spec.root);
  const official = vocListFolder(spec.root);
  return {
    root,
    written: "lists",
    fileOf: (split) => `${split}.txt`,
    lists: () => listsIn(official, spec.lists, root),
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

function ddd17Layout(spec: Ddd17Spec): ListLayout {
  const { root } = spec;
  checkFolder(root, "ddd17");
  return {
    root,
    written: "datalists",
    fileOf: (split) => `${split}-new.txt`,
    lists: () => listsIn(join(root, "datalists"), spec.lists, root),
    filesOf(line) {
      const { events, labels } = ddd17Pair(line);
      return [listedPath(root, events), listedPath(root, labels)];
    },
    async find() {
      const complete: FoundExample[] = [];
      const leftOut: string[] = [];
      for (const folder of (await readdir(join(root, "events")).catch(() => [])).sort()) {
        const [events, labels] = await Promise.all([
          stems(join(root, "events", folder), ".npy"),
          stems(join(root, "labels", folder), ".png"),
        ]);
        for (const name of events) if (!labels.has(name)) leftOut.push(`events/${folder}/${name}: no labels`);
        for (const name of labels) if (!events.has(name)) leftOut.push(`labels/${folder}/${name}: no events`);
        if (![...events].some((name) => labels.has(name))) continue;
        for (const frame of await folderFrames(root, folder)) {
          complete.push({ line: `${frame.events} ${frame.labels}`, name: frame.name, splits: [folder] });
        }
      }
      return { complete, leftOut };
    },
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
function folderLayout(spec: FolderSpec): ListLayout {
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
      for (const path of files) {
        const suffix = extname(path).toLowerCase();
        const folders = path.split("/").slice(0, -1);
        const isIn = (kind: ReadonlySet<string>) => folders.some((name) => kind.has(name.toLowerCase()));
        if (pictureSuffixes.has(suffix) && isIn(imageFolders)) {
          images.set(pairKey(path, imageFolders), path);
        } else if (maskSuffixes.has(suffix) && isIn(maskFolders)) {
          masks.set(pairKey(path, maskFolders), path);
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

async function stems(folder: string, suffix: string): Promise<ReadonlySet<string>> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => !isSystemFile(name));
  return new Set(names.filter((name) => name.endsWith(suffix)).map((name) => basename(name, suffix)));
}

async function listsIn(
  folder: string,
  given: Readonly<Record<string, string>> | undefined,
  root: string,
): Promise<ReadonlyMap<string, string>> {
  const found = await listsBySplit(folder);
  const lists = new Map([...found].map(([name, list]) => [name.replace(/-new$/, ""), list]));
  for (const [split, path] of Object.entries(given ?? {})) lists.set(split, resolve(root, path));
  return lists;
}
