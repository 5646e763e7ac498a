/** Writing safetensors files, piece by piece and at once. */

import { createHash } from "node:crypto";
import type { NamedArray } from "../engine/index.js";
import { ShapeError } from "../errors.js";
import { writeFileAtomic } from "../files/index.js";
import { bytesOf, checkNamedArray, elementBytes, type NamedArrays } from "./named-arrays.js";
import { safetensorsCodes } from "./safetensors-header.js";

/** The data part begins at a multiple of this, so that a mapped file is aligned for every vector unit. */
const alignment = 64;

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
  if (tensors.has("__metadata__")) {
    throw new ShapeError(
      `write ${path}: expected names of arrays, received the reserved "__metadata__"; rename it`,
    );
  }
  // Wide elements first: without gaps, every array then begins at a multiple of its element's size.
  const order = [...tensors].sort(([, a], [, b]) => elementBytes(b.dtype) - elementBytes(a.dtype));
  const hash = createHash("sha256");
  let bytes = 0;
  function* content(): Generator<Uint8Array> {
    for (const piece of [header(tensors, { order, metadata }), ...order.map(([, array]) => bytesOf(array))]) {
      hash.update(piece);
      bytes += piece.length;
      yield piece;
    }
  }
  await writeFileAtomic(path, content());
  return { bytes, sha256: hash.digest("hex") };
}

function header(
  tensors: NamedArrays,
  { order, metadata }: { order: readonly [string, NamedArray][]; metadata: Readonly<Record<string, string>> },
): Uint8Array {
  const offsets = new Map<string, [number, number]>();
  let end = 0;
  for (const [name, array] of order) {
    const begin = end;
    end += checkNamedArray(name, array) * elementBytes(array.dtype);
    offsets.set(name, [begin, end]);
  }
  const entries = Object.entries(metadata).length > 0 ? [["__metadata__", metadata] as const] : [];
  const json = JSON.stringify(
    Object.fromEntries([
      ...entries,
      ...[...tensors].map(([name, { dtype, shape }]) => [
        name,
        { dtype: safetensorsCodes[dtype], shape, data_offsets: offsets.get(name) },
      ]),
    ]),
  );
  const text = Buffer.from(json, "utf8");
  const length = Math.ceil((8 + text.length) / alignment) * alignment - 8;
  const bytes = new Uint8Array(8 + length).fill(0x20, 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  return bytes;
}
