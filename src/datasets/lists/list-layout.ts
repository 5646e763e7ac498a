/** Where the lists of a data set lie, what their lines mean, and which examples lie on the disk. */
import { readdir } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { isSystemFile } from "../../files/index.js";
import { type ListLine, listsBySplit } from "./list-file.js";

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

/** A data set's folder, and lists that are to be used in place of its own, by split; relative to the root. */
export interface ListedRoot {
  readonly root: string;
  readonly lists?: Readonly<Record<string, string>>;
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

/** The names in a folder that end in a suffix, without it; none if there is no such folder. */
export async function stems(folder: string, suffix: string): Promise<ReadonlySet<string>> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => !isSystemFile(name));
  return new Set(names.filter((name) => name.endsWith(suffix)).map((name) => basename(name, suffix)));
}

/** The lists in a folder by split, and in place of them those that are given, relative to the root. */
export async function listsIn(
  folder: string,
  given: Readonly<Record<string, string>> | undefined,
  root: string,
): Promise<ReadonlyMap<string, string>> {
  const found = await listsBySplit(folder);
  const lists = new Map([...found].map(([name, list]) => [name.replace(/-new$/, ""), list]));
  for (const [split, path] of Object.entries(given ?? {})) lists.set(split, resolve(root, path));
  return lists;
}
