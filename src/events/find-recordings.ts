/** The recordings under a path. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DataFormatError } from "../errors.js";
import { fileError } from "../files/index.js";
import type { EventFileOptions } from "./event-reader.js";
import { recogniseEvents } from "./open-events.js";

const order = new Intl.Collator("en", { numeric: true });

/**
 * The path itself if it is a file, else every file below the folder that is a recording by its content, in natural
 * order. Names that begin with a point are passed over.
 *
 * @param path - a recording, or a folder that is searched with all below it
 * @param options - what texts do not say about themselves
 * @param options.columns - of texts whose columns do not show what they are
 * @throws FileError if there is no such path, DataFormatError if the folder has no recording
 */
export async function findRecordings(
  path: string,
  options: Pick<EventFileOptions, "columns"> = {},
): Promise<readonly string[]> {
  const state = await stat(path).catch((error: unknown) => {
    throw fileError(error, { operation: `find recordings ${path}`, expected: "a file or folder" });
  });
  if (!state.isDirectory()) return [path];
  const names = await readdir(path, { recursive: true });
  const files: string[] = [];
  for (const name of names.sort(order.compare)) {
    if (name.split(/[\\/]/).some((part) => part.startsWith("."))) continue;
    if ((await stat(join(path, name))).isFile()) files.push(join(path, name));
  }
  const recordings: string[] = [];
  for (const file of files) if (await isRecording(file, options)) recordings.push(file);
  if (recordings.length > 0) return recordings;
  throw new DataFormatError(
    `find recordings ${path}: expected event recordings in the folder, received ${files.length} files of other kinds; check the path`,
  );
}

/** Of a damaged one, opening says what is wrong. */
async function isRecording(file: string, options: Pick<EventFileOptions, "columns">): Promise<boolean> {
  try {
    return (await recogniseEvents(file, options)) !== undefined;
  } catch (error) {
    if (error instanceof DataFormatError) return true;
    throw error;
  }
}
