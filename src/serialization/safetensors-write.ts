/** Writing safetensors files, piece by piece and at once. */

import { createHash } from "node:crypto";
import { type NamedArrays, safetensorsPieces } from "../arrays/index.js";
import { writeFileAtomic } from "../files/index.js";

/**
 * Saves arrays, in their order, with optional texts; the file appears whole or not at all.
 *
 * @param path - with its suffix; an older file is replaced
 * @param tensors - not changed
 * @param metadata - texts for `__metadata__` (default none)
 * @returns size and SHA-256 of the file
 * @throws ShapeError if an array's data contradicts its shape, FileError if it cannot be written
 * @example
 * import { writeSafetensors } from "snnseg/io";
 *
 * const { bytes, sha256 } = await writeSafetensors(
 *   "arrays.safetensors",
 *   new Map([["layer.weight", { dtype: "float32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }]]),
 * );
 * console.log(bytes, sha256); // 144 and 64 digits
 */
export async function writeSafetensors(
  path: string,
  tensors: NamedArrays,
  metadata: Readonly<Record<string, string>> = {},
): Promise<{
  /** Size of the file. */
  bytes: number;
  /** Of the whole file, 64 hexadecimal digits. */
  sha256: string;
}> {
  const hash = createHash("sha256");
  let bytes = 0;
  function* content(): Generator<Uint8Array> {
    for (const piece of safetensorsPieces(tensors, metadata)) {
      hash.update(piece);
      bytes += piece.length;
      yield piece;
    }
  }
  await writeFileAtomic(path, content());
  return { bytes, sha256: hash.digest("hex") };
}
