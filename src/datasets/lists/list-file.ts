/**
 * List files: one example a line, either an id or the relative paths of its files.
 *
 * Empty lines and lines that begin with `#` are skipped. Errors name the list and the line.
 */
import { existsSync, type Stats, statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { DataFormatError, FileError } from "../../errors.js";
import { fileError, isSystemFile } from "../../files/index.js";
import { splitOfName } from "./split-names.js";

/** A line of a list, split at tabs if it has any (paths may then hold spaces), else at white space. */
export interface ListLine {
  readonly list: string;
  /** Counted from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * Reads a list.
 *
 * @throws FileError if there is no such file, DataFormatError if it has no entry
 */
export async function readListFile(path: string): Promise<readonly ListLine[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw fileError(error, { operation: `read list ${path}`, expected: "a list file" });
  }
  const lines = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .map((content, i) => {
      const trimmed = content.trim();
      const separator = trimmed.includes("\t") ? /\s*\t\s*/ : /\s+/;
      return { list: path, line: i + 1, fields: trimmed.split(separator) };
    });
  const entries = lines.filter(({ fields }) => fields[0] !== "" && !fields[0]?.startsWith("#"));
  if (entries.length === 0) {
    throw new DataFormatError(
      `read list ${path}: expected at least one example, received an empty list; write one example a line`,
    );
  }
  return entries;
}

/** A file that a list calls for. */
export interface ListedFile {
  readonly path: string;
  readonly from: ListLine;
}

/**
 * Checks that all listed files exist; each folder is read once, so long lists cost little.
 *
 * @throws FileError naming list, line and file of the first one missing, and how many more are
 */
export async function checkListedFiles(files: readonly ListedFile[]): Promise<void> {
  const names = new Map<string, Set<string>>();
  for (const folder of new Set(files.map(({ path }) => dirname(path)))) {
    names.set(folder, new Set(await readdir(folder).catch(() => [])));
  }
  const missing = files.filter(({ path }) => !names.get(dirname(path))?.has(basename(path)));
  const first = missing[0];
  if (first === undefined) return;
  const more = missing.length === 1 ? "" : ` and ${missing.length - 1} more`;
  throw new FileError(
    `read list ${first.from.list}, line ${first.from.line}: expected the file ${first.path}, received no such file${more}; restore it or take the line out of the list`,
  );
}

/**
 * Checks that a folder exists.
 *
 * @throws FileError naming it, if it does not, is a file, or may not be looked at
 */
export function checkFolder(folder: string, what: string): void {
  const found = statOf(folder, what);
  if (found?.isDirectory()) return;
  const received = found === undefined ? "no such folder" : "a file";
  throw new FileError(
    `open ${what}: expected the folder ${folder}, received ${received}; check the root folder`,
  );
}

function statOf(folder: string, what: string): Stats | undefined {
  try {
    return statSync(folder, { throwIfNoEntry: false });
  } catch (error) {
    throw fileError(error, { operation: `open ${what}`, expected: `the folder ${folder}` });
  }
}

/** A line's error, for formats that the list's own reader cannot judge. */
export function listError({ list, line, fields }: ListLine, expected: string): DataFormatError {
  return new DataFormatError(
    `read list ${list}, line ${line}: expected ${expected}, received "${fields.join(" ")}"; correct the line`,
  );
}

/**
 * The lists of a folder by split: `SPLIT.txt`, or a list whose name stands for the split, such as `valid.txt` for `val`
 * where there is no `val.txt`.
 */
export async function listsBySplit(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder).catch(() => [] as string[])).filter(
    (name) => name.endsWith(".txt") && !isSystemFile(name),
  );
  const own = new Set(names.map((name) => basename(name, ".txt")));
  const lists = new Map<string, string>();
  for (const name of [...own].sort()) {
    const split = splitOfName(name);
    const isOther = split !== undefined && !own.has(split) && !lists.has(split);
    lists.set(isOther ? split : name, join(folder, `${name}.txt`));
  }
  return lists;
}

/**
 * The file that a path in a list means: it is relative to the root, also with a slash before it as in the reference's
 * lists, unless it is absolute and only there is such a file.
 */
export function listedPath(root: string, path: string): string {
  const inside = join(root, path);
  return isAbsolute(path) && !existsSync(inside) && existsSync(path) ? path : inside;
}

/** The list of a split: the one given for it, else that of {@link listsBySplit} in `folder`. */
export async function listOfSplit(
  split: string,
  {
    root,
    folder,
    lists,
  }: { root: string; folder: string; lists: Readonly<Record<string, string>> | undefined },
): Promise<string> {
  const given = lists?.[split];
  if (given !== undefined) return resolve(root, given);
  const path = join(folder, `${split}.txt`);
  const found = await listsBySplit(folder);
  // By its file's own name too, such as `valid`.
  const list = found.get(split) ?? [...found.values()].find((other) => other === path);
  if (list !== undefined) return list;
  const rank = (name: string) => ["train_aug", "train", "val", "test"].indexOf(name) >>> 0;
  const splits = [...found.keys()].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  const known = splits.length === 0 ? "no lists" : `lists for ${splits.join(", ")}`;
  throw new FileError(
    `open split ${split}: expected the list ${path}, received a folder with ${known}; choose one of its splits or write the list`,
  );
}
