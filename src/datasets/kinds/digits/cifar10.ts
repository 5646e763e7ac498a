/**
 * CIFAR-10's binary files: records of a label byte and a 32x32 picture, first all reds, then greens, then blues.
 *
 * @see Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DataFormatError, FileError } from "../../../errors.js";
import { readFileBytes } from "../../../files/index.js";
import type { Planes } from "../../../images/index.js";

const side = 32;
const pictureBytes = 3 * side * side;
const recordBytes = 1 + pictureBytes;

/** Pictures of one split. */
export interface Cifar10 {
  readonly count: number;
  /** Pictures of each of the ten classes. */
  readonly byClass: readonly number[];
  /** `[3, 32, 32]`, RGB, 0 … 255. */
  picture(index: number): Planes;
}

/**
 * Parses the records of one file.
 *
 * @throws DataFormatError if the length is no whole number of records or a label is above 9
 */
export function parseCifar10(bytes: Uint8Array, name: string): Cifar10 {
  const count = bytes.length / recordBytes;
  if (count === 0 || !Number.isInteger(count)) {
    throw new DataFormatError(
      `read ${name}: expected records of ${recordBytes} bytes, received ${bytes.length} bytes; replace the file, which is cut or of another format`,
    );
  }
  const byClass = new Array<number>(10).fill(0);
  for (let i = 0; i < count; i++) {
    const label = bytes[i * recordBytes] as number;
    if (label <= 9) {
      byClass[label] = (byClass[label] as number) + 1;
      continue;
    }
    throw new DataFormatError(
      `read ${name}: expected a label 0 to 9, received ${label} at byte ${i * recordBytes}; replace the file`,
    );
  }
  return {
    count,
    byClass,
    picture(index) {
      const start = index * recordBytes + 1;
      return {
        channels: 3,
        height: side,
        width: side,
        data: Float32Array.from(bytes.subarray(start, start + pictureBytes)),
      };
    },
  };
}

/**
 * Opens the pictures of a split: `data_batch_*.bin` for training, `test_batch.bin` for everything else.
 *
 * @throws FileError if the folder has none, DataFormatError if one is damaged
 */
export async function openCifar10(folder: string, training: boolean): Promise<Cifar10> {
  const pattern = training ? /^data_batch_\d+\.bin$/ : /^test_batch\.bin$/;
  const names = (await readdir(folder).catch(() => [])).filter((name) => pattern.test(name)).sort();
  if (names.length === 0) {
    throw new FileError(
      `open CIFAR-10 in ${folder}: expected ${training ? "data_batch_1.bin …" : "test_batch.bin"}, received no such file; unpack the binary version there`,
    );
  }
  const parts = await Promise.all(
    names.map(async (name) => parseCifar10(await readFileBytes(join(folder, name)), join(folder, name))),
  );
  return {
    count: parts.reduce((sum, part) => sum + part.count, 0),
    byClass: Array.from({ length: 10 }, (_, label) =>
      parts.reduce((sum, part) => sum + (part.byClass[label] as number), 0),
    ),
    picture(index) {
      let rest = index;
      for (const part of parts) {
        if (rest < part.count) return part.picture(rest);
        rest -= part.count;
      }
      throw new RangeError(`CIFAR-10 has no picture ${index}`);
    },
  };
}
