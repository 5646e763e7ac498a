/**
 * One process at a time writes into a run folder. The lock is the operating system's on an open file, which it lifts
 * when the process ends, however that happens; what a killed one leaves is a file that nobody has locked.
 */
import { existsSync } from "node:fs";
import { type FileHandle, open, rm, rmdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { tryLockFile } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { fileError, makeFolder, systemErrorCode } from "../files/index.js";
import type { RunFolder } from "./run-folder.js";

/**
 * Locks a run folder, which is made where it is missing. Disposing unlocks it, and removes what was made
 * where nothing was begun.
 *
 * @throws OptionError if another run writes there, FileError if nothing can be written
 */
export async function lockRun(folder: RunFolder): Promise<AsyncDisposable> {
  const made = missingFolders(folder.path);
  for (;;) {
    await makeFolder(folder.path);
    const file = await openLock(folder);
    if (file === undefined) continue;
    if (!tryLockFile(file.fd)) {
      await file.close();
      throw new OptionError(
        `--run: expected a folder that no run writes to, received ${folder.path}, where one is under way; ` +
          "wait for its end, or choose another folder",
      );
    }
    if (await isStillThere(file, folder)) return new RunLock(folder.lock, { file, made });
    await file.close();
  }
}

class RunLock implements AsyncDisposable {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #made: readonly string[];

  constructor(path: string, { file, made }: { readonly file: FileHandle; readonly made: readonly string[] }) {
    this.#path = path;
    this.#file = file;
    this.#made = made;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#path, { force: true });
    await this.#file.close();
    // Fails where a run was begun.
    for (const folder of this.#made) await rmdir(folder).catch(() => undefined);
  }
}

/** Folders that are to be made, the innermost first. */
function missingFolders(path: string): string[] {
  return existsSync(path) ? [] : [path, ...missingFolders(dirname(path))];
}

/** `undefined` if a run that ended meanwhile has removed the folder, in which nothing was begun. */
async function openLock(folder: RunFolder): Promise<FileHandle | undefined> {
  try {
    return await open(folder.lock, "a");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw fileError(error, { operation: `lock ${folder.path}`, expected: "a folder that can be written" });
  }
}

/** Whether the file that is locked now is the folder's: a run that ended meanwhile has removed its own. */
async function isStillThere(file: FileHandle, folder: RunFolder): Promise<boolean> {
  const [locked, named] = await Promise.all([file.stat(), stat(folder.lock).catch(() => undefined)]);
  return locked.ino === named?.ino && locked.dev === named.dev;
}
