/** Folders for what is going to be written. */
import { access, constants, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { fileError, systemErrorCode } from "./file-error.js";

/**
 * Makes a folder and those above it, where they are missing.
 *
 * @throws FileError naming the folder if it cannot be made, or if a file is in its place
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await make(path, { withParents: true });
  } catch (error) {
    throw fileError(error, { operation: `make folder ${path}`, expected: "to make it" });
  }
}

/**
 * Makes the folders of files that are to be written after a long computation, so that it does not end in an error.
 *
 * @throws FileError naming the folder if it cannot be made or written
 */
export async function makeFoldersOf(...files: readonly (string | undefined)[]): Promise<void> {
  for (const file of files) {
    if (file === undefined) continue;
    const folder = dirname(file);
    await makeFolder(folder);
    await access(folder, constants.W_OK).catch((error: unknown) => {
      throw fileError(error, { operation: `write ${file}`, expected: "a folder that can be written" });
    });
  }
}

/**
 * Not Node's recursive mkdir: in a file system without a place for new folders, such as /proc, the system says
 * ENOENT even if the parent is there, and Node 20 then makes the parent and tries again for ever.
 */
async function make(path: string, { withParents }: { readonly withParents: boolean }): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "EEXIST") {
      await stat(`${path}/.`); // ENOTDIR where it is a file
    } else if (code === "ENOENT" && withParents && dirname(path) !== path) {
      await make(dirname(path), { withParents });
      await make(path, { withParents: false });
    } else {
      throw error;
    }
  }
}
