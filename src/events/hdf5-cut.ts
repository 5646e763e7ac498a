/** HDF5 files that are shorter than they state, as a copy that was broken off leaves them. */
import { viewOf } from "./byte-file.js";
import { nodeSource } from "./node-file.js";

/** How many times its length a file may state and still count as cut off. */
const largestCut = 1000;

/** The bytes of a file. */
export interface FileLengths {
  readonly real: number;
  /** As the superblock states it; 0 where that is not understood. */
  readonly stated: number;
}

/** The superblock states the end of the file after three addresses (versions 0 and 1) or two. */
export async function fileLengths(path: string): Promise<FileLengths> {
  await using file = await nodeSource(path).open();
  const start = await file.read(0, 48);
  const isOld = (start[8] ?? 0) < 2;
  const isWide = start.length === 48 && start[isOld ? 13 : 9] === 8;
  const stated = isWide ? Number(viewOf(start).getBigUint64(isOld ? 40 : 28, true)) : 0;
  // More than that is damage, not a cut.
  return { real: file.size, stated: stated < largestCut * file.size ? stated : 0 };
}

/**
 * How many rows can be read of a file that was cut off: those before the first whose bytes are missing, as recorders
 * append.
 */
export async function rowsLeft(rows: number, read: (row: number) => Promise<unknown>): Promise<number> {
  let [low, high] = [0, rows];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const isThere = await read(middle - 1).then(
      () => true,
      () => false,
    );
    if (isThere) low = middle;
    else high = middle - 1;
  }
  return low;
}
