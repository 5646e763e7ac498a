/** Reading safetensors files: the header alone, or chosen arrays, each byte read once and never copied. */
import {
  arraysOf,
  checkHeaderLength,
  type NamedArray,
  parseHeader,
  type SafetensorsFile,
  type SafetensorsHeader,
  viewAs,
} from "../arrays/index.js";
import { DataFormatError } from "../errors.js";
import { type OpenFile, withFile } from "../files/index.js";

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
    const header = await readHeader(file);
    // A buffer of its own for the data: offsets decide the alignment, whatever the header's length.
    const data = new Uint8Array(file.size - header.dataStart);
    await file.readInto(data, header.dataStart);
    return { tensors: arraysOf(header, data), metadata: header.metadata };
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
