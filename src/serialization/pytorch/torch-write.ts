/** Writes files that `torch.load(path, weights_only=True)` opens. */

import { bytesOf, checkNamedArray } from "../../arrays/index.js";
import { writeFileAtomic } from "../../files/index.js";
import type { JsonValue } from "../json-value.js";
import type { PickleKey, PickleValue } from "./pickle-value.js";
import { writePickle } from "./pickle-write.js";
import { type ZipContent, zipPieces } from "./zip-write.js";

/**
 * Saves a value in PyTorch's ZIP format; the file appears whole or not at all. A state dict is the `NamedArrays` itself.
 *
 * @param path - with its suffix; an older file is replaced
 * @param value - not changed
 * @throws OptionError for more than 4 GiB, ShapeError if an array contradicts its shape, FileError if it cannot be written
 */
export async function writePytorch(path: string, value: PickleValue): Promise<void> {
  const { pickle, storages } = writePickle(value);
  for (const [i, array] of storages.entries()) checkNamedArray(`${i}`, array);
  const contents: ZipContent[] = [
    { name: "archive/data.pkl", bytes: pickle },
    { name: "archive/byteorder", bytes: Buffer.from("little") },
    ...storages.map((array, i) => ({ name: `archive/data/${i}`, bytes: bytesOf(array) })),
    { name: "archive/version", bytes: Buffer.from("3\n") },
  ];
  await writeFileAtomic(path, zipPieces(contents));
}

/**
 * JSON as Python sees it: objects become dicts, absent fields are left out.
 *
 * @param value - not changed
 */
export function jsonToPickle(value: JsonValue): PickleValue {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(jsonToPickle);
  const dict = new Map<PickleKey, PickleValue>();
  for (const [key, item] of Object.entries(value))
    if (item !== undefined) dict.set(key, jsonToPickle(item as JsonValue));
  return dict;
}
