/** Which files are locked, asked without locking any: whoever only watches never stands in a training's way. */
import { readFile } from "node:fs/promises";

/** The inodes of files under an `flock`, or `undefined` where the system does not say. */
export type HeldLocks = ReadonlySet<number> | undefined;

/**
 * Reads Linux's table of locks. Devices are left out of the comparison: some file systems tell another number here than
 * `stat` does, and a second file with the same inode that is also locked is unlikely enough.
 */
export async function heldLocks(path = "/proc/locks"): Promise<HeldLocks> {
  const table = await readFile(path, "utf8").catch(() => undefined);
  if (table === undefined) return undefined;
  // Such as `3: FLOCK  ADVISORY  WRITE 28144 fe:00:5677058 0 EOF`.
  const held = table.matchAll(/^\d+: FLOCK .* [\da-f]+:[\da-f]+:(\d+) /gm);
  return new Set(Array.from(held, ([, inode]) => Number(inode)));
}
