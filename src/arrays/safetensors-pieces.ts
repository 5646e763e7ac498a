/** The bytes of a safetensors file, piece by piece. */

import { ShapeError } from "../errors.js";
import type { NamedArray } from "./element-types.js";
import { bytesOf, checkNamedArray, elementBytes, type NamedArrays } from "./named-arrays.js";
import { safetensorsCodes } from "./safetensors-header.js";

/** The data part begins at a multiple of this, so that a mapped file is aligned for every vector unit. */
const alignment = 64;

/**
 * A file's header, then its arrays.
 *
 * @param tensors - not changed
 * @param metadata - texts for `__metadata__`
 * @throws ShapeError if an array's data contradicts its shape, or a name is reserved
 */
export function safetensorsPieces(
  tensors: NamedArrays,
  metadata: Readonly<Record<string, string>>,
): Uint8Array[] {
  if (tensors.has("__metadata__")) {
    throw new ShapeError(
      `write safetensors: expected names of arrays, received the reserved "__metadata__"; rename it`,
    );
  }
  // Wide elements first: without gaps, every array then begins at a multiple of its element's size.
  const order = [...tensors].sort(([, a], [, b]) => elementBytes(b.dtype) - elementBytes(a.dtype));
  return [header(tensors, { order, metadata }), ...order.map(([, array]) => bytesOf(array))];
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
  const text = new TextEncoder().encode(json);
  const length = Math.ceil((8 + text.length) / alignment) * alignment - 8;
  const bytes = new Uint8Array(8 + length).fill(0x20, 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  return bytes;
}
