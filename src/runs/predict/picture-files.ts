/** Which pictures a command line names, and where their results go. */
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, extname, join, parse, resolve } from "node:path";
import { OptionError } from "../../errors.js";
import { fileError, isSystemFile } from "../../files/index.js";
import { pictureSuffixes } from "../../images/index.js";

/**
 * The files named, and the pictures directly in the folders named, those of a folder in the order of their names.
 *
 * @throws FileError if a path is not there, OptionError if a folder holds no picture
 */
export async function pictureFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (!(await isFolder(path))) {
      files.push(path);
      continue;
    }
    const isPicture = (name: string) =>
      pictureSuffixes.has(extname(name).toLowerCase()) && !isSystemFile(name);
    const names = (await readdir(path)).filter(isPicture).sort();
    if (names.length === 0) {
      throw new OptionError(
        `predict ${path}: expected a folder with pictures (${[...pictureSuffixes].join(", ")}), received one without`,
      );
    }
    files.push(...names.map((name) => join(path, name)));
  }
  return files;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw fileError(error, { operation: `predict ${path}`, expected: "a picture or a folder" });
  }
}

/**
 * A name without extension for each picture's results, such that no two pictures share a file: `x.overlay.png` is of `x` and of
 * `x.overlay`.
 */
export function resultNames(files: readonly string[]): string[] {
  const taken = new Set<string>();
  return files.map((file) => {
    const { name } = parse(file);
    let unique = name;
    for (let k = 2; taken.has(ownName(unique)); k++) unique = `${name}-${k}`;
    taken.add(ownName(unique));
    return unique;
  });
}

/** Without what names of results end in. */
function ownName(name: string): string {
  return name.replace(/(?:\.overlay|\.step-\d+)+$/, "");
}

/**
 * Checks that results leave the pictures alone.
 *
 * @param results - paths of the files to write
 * @throws OptionError if one is the path of a picture
 */
export async function checkKept(files: readonly string[], results: readonly string[]): Promise<void> {
  const real = (path: string) => realpath(path).catch(() => resolve(path));
  const pictures = new Set(await Promise.all(files.map(real)));
  const paths = await Promise.all(results.map(real));
  const replacing = results.find((_, i) => pictures.has(paths[i]!));
  if (replacing === undefined) return;
  throw new OptionError(
    `predict: expected a folder for masks that keeps the pictures, received ${dirname(replacing)}, where ${basename(replacing)} ` +
      "would replace one of them; name another folder with --output",
  );
}
