/** Files of a run, as a stranger may have made the run: no links, which might lead anywhere, and nothing endless. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";

/** A run's pictures and its report have some megabytes. */
const largestBytes = 1 << 26;

/**
 * All bytes of a file.
 *
 * @returns `undefined` if it is not there, cannot be read, is a link or no file, or has more than 64 MiB
 */
export async function readRegularFile(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  // A pipe would wait for a writer.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const about = await file.stat();
    return about.isFile() && about.size <= largestBytes ? new Uint8Array(await file.readFile()) : undefined;
  } finally {
    await file.close();
  }
}
