/**
 * The format of PyTorch before 1.6, still that of many published weights: five pickles in a row (a magic number, the
 * protocol's version, facts about the machine, the value, the list of storage keys), then for every key its number of
 * elements (64 bits) and the elements. PyTorch writes these little-endian on every machine, whatever the facts say.
 */

import { elementBytes } from "../../arrays/index.js";
import { DataFormatError } from "../../errors.js";
import { PickleCursor } from "./pickle-cursor.js";
import { runPickle } from "./pickle-instructions.js";
import type { PickleRules } from "./pickle-machine.js";
import type { PickleValue } from "./pickle-value.js";
import { torchNames } from "./torch-names.js";
import { readStorageId } from "./torch-persistent.js";
import { resolveValue } from "./torch-resolve.js";
import type { TorchStorage } from "./torch-storage.js";

/** A pickle of 0x1950a86a20f9469cfc6c: protocol 2, an integer of 10 bytes, stop. */
const magic = Uint8Array.of(
  0x80,
  2,
  0x8a,
  10,
  0x6c,
  0xfc,
  0x9c,
  0x46,
  0xf9,
  0x20,
  0x6a,
  0xa8,
  0x50,
  0x19,
  0x2e,
);
const formatVersion = 1001;
const noNames: PickleRules = { names: new Map() };

/** Whether a file begins as one of this format. */
export function isLegacyFile(bytes: Uint8Array): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/**
 * The value saved in a file of this format.
 *
 * @throws DataFormatError as {@link readPytorch} does
 */
export function parseLegacyFile(file: Uint8Array<ArrayBuffer>, path: string): PickleValue {
  const cursor = new PickleCursor(file, { source: path, position: magic.length });
  const version = runPickle(cursor, noNames);
  if (version !== formatVersion) {
    throw new DataFormatError(
      `read ${path}: expected PyTorch's format ${formatVersion}, received another; save it again`,
    );
  }
  runPickle(cursor, noNames);
  const storages = new Map<string, number>();
  const begin = cursor.position;
  const root = runPickle(cursor, {
    names: torchNames,
    persistent: (id, machine) => {
      const storage = readStorageId(id, machine);
      if (storage.dtype === undefined)
        throw cursor.refuse("an untyped storage, which this format cannot hold");
      const size = elementBytes(storage.dtype);
      if ((storages.get(storage.key) ?? size) !== size) throw cursor.refuse("a storage of two types");
      storages.set(storage.key, size);
      return storage;
    },
  });
  const pickleBytes = cursor.position - begin;
  const contents = readStorages(cursor, storages);
  const bytes = ({ key, dtype, start, length }: TorchStorage) => {
    const size = dtype === undefined ? 1 : elementBytes(dtype);
    const content = contents.get(key);
    if (content === undefined || (start + length) * size > content.length) {
      throw new DataFormatError(
        `read ${path}: expected ${(start + length) * size} bytes of storage ${JSON.stringify(key)}, received ${content?.length ?? "none"}; the file is damaged`,
      );
    }
    return content.subarray(start * size, (start + length) * size);
  };
  return resolveValue(root, {
    source: { path, fileBytes: file.length, bigEndian: false, bytes },
    pickleBytes,
  });
}

/** The storages behind the pickles, by key. `sizes` are the bytes of an element of each that the value refers to. */
function readStorages(
  cursor: PickleCursor,
  sizes: ReadonlyMap<string, number>,
): Map<string, Uint8Array<ArrayBuffer>> {
  const keys = runPickle(cursor, noNames);
  if (!Array.isArray(keys)) throw cursor.refuse("no list of storages");
  const contents = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const key of keys as unknown[]) {
    const size = typeof key === "string" ? sizes.get(key) : undefined;
    if (typeof key !== "string" || size === undefined || contents.has(key)) {
      throw cursor.refuse("a storage that no tensor refers to, or one given twice");
    }
    const count = cursor.uint64();
    contents.set(key, cursor.raw(count * size));
  }
  return contents;
}
