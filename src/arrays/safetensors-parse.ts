/** A safetensors file that is in memory as a whole. */
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
 * The arrays of a file, as views of its bytes where addresses allow it.
 *
 * @param bytes - of the whole file
 * @param path - for errors
 * @throws DataFormatError if it is damaged or something else
 */
export function parseSafetensors(bytes: Uint8Array<ArrayBuffer>, path: string): SafetensorsFile {
  const about = { path, size: bytes.length };
  const length = checkHeaderLength(bytes.subarray(0, 8), about);
  const { entries, metadata, dataStart } = parseHeader(bytes.subarray(8, 8 + length), about);
  return { tensors: arraysOf({ entries, metadata, dataStart }, bytes.subarray(dataStart)), metadata };
}

/** The arrays of a data part, as views of it where addresses allow it. */
export function arraysOf({ entries }: SafetensorsHeader, data: Uint8Array<ArrayBuffer>): NamedArrays {
  const tensors: NamedArrays = new Map();
  for (const [name, { dtype, shape, begin, end }] of entries) {
    tensors.set(name, { dtype, shape, data: viewAs(dtype, data.subarray(begin, end)) });
  }
  return tensors;
}
