/** Reading safetensors files: the header alone, or chosen arrays, each byte read once and never copied. */
import type { NamedArray } from "../engine/index.js";
import { DataFormatError } from "../errors.js";
import { type OpenFile, withFile } from "../files/index.js";
import { type NamedArrays, viewAs } from "./named-arrays.js";
import { checkHeaderLength, parseHeader, type SafetensorsHeader } from "./safetensors-header.js";

/** The arrays of a file and its free-form texts. */
export interface SafetensorsFile {
  /** The arrays by name, in the header's order. */
  readonly tensors: NamedArrays;
  /** The texts of `__metadata__`; none if it is absent. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Names, element types, shapes and metadata, without reading the arrays.
 *
 * @param path - with its suffix
 * @throws FileError if the file cannot be read, DataFormatError if it is damaged or something else
 */
export function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  return withFile(path, readHeader);
}

/**
 * A whole file. The arrays are views of one buffer, so they live and die together.
 *
 * @param path - with its suffix
 * @throws FileError if the file cannot be read, DataFormatError if it is damaged or something else
 * @example
 * import { readSafetensors, writeSafetensors } from "snnseg/io";
 *
 * await writeSafetensors(
 *   "arrays.safetensors",
 *   new Map([["a", { dtype: "float32", shape: [3], data: Float32Array.of(1, 2, 3) }]]),
 *   { from: "an example" },
 * );
 * const { tensors, metadata } = await readSafetensors("arrays.safetensors");
 * console.log(tensors.get("a")?.data, metadata.from); // [1, 2, 3] "an example"
 */
export function readSafetensors(path: string): Promise<SafetensorsFile> {
  return withFile(path, async (file) => {
    const { entries, metadata, dataStart } = await readHeader(file);
    // A buffer of its own for the data: offsets decide the alignment, whatever the header's length.
    const data = new Uint8Array(file.size - dataStart);
    await file.readInto(data, dataStart);
    const tensors: NamedArrays = new Map();
    for (const [name, { dtype, shape, begin, end }] of entries) {
      tensors.set(name, { dtype, shape, data: viewAs(dtype, data.subarray(begin, end)) });
    }
    return { tensors, metadata };
  });
}

/**
 * One array of a file, without reading the others.
 *
 * @param path - with its suffix
 * @param name - key of the array
 * @throws DataFormatError if there is no such array or the file is damaged, FileError if it cannot be read
 */
export function readSafetensorsArray(path: string, name: string): Promise<NamedArray> {
  return withFile(path, async (file) => {
    const { entries, dataStart } = await readHeader(file);
    const entry = entries.get(name);
    if (entry === undefined) {
      throw new DataFormatError(
        `read ${path}: expected an array ${JSON.stringify(name)}, received ${entries.size} others; list them with "snnseg checkpoint inspect"`,
      );
    }
    const { dtype, shape, begin, end } = entry;
    const data = new Uint8Array(end - begin);
    await file.readInto(data, dataStart + begin);
    return { dtype, shape, data: viewAs(dtype, data) };
  });
}

async function readHeader(file: OpenFile): Promise<SafetensorsHeader> {
  const start = new Uint8Array(Math.min(8, file.size));
  await file.readInto(start, 0);
  const json = new Uint8Array(checkHeaderLength(start, file));
  await file.readInto(json, 8);
  return parseHeader(json, file);
}
