/** Values as the reference stores them in HDF5. */
import { OptionError } from "../../errors.js";
import type { Hdf5Set, Hdf5Tree } from "../../events/index.js";
import type { NirMetadata, NirTensor } from "./nir-graph.js";
import { cells } from "./tensors.js";

/** Of the pieces in which large tensors are packed. */
const chunkCells = 2 ** 18;

/** Metadata as a group. @throws OptionError for a name that is none in HDF5 */
export function metadataTree(metadata: NirMetadata): Hdf5Tree {
  const isGroup = (value: NirMetadata[string]): value is NirMetadata =>
    typeof value === "object" && !Array.isArray(value) && !ArrayBuffer.isView((value as NirTensor).data);
  return named(
    Object.entries(metadata).map(
      ([name, value]) => [name, isGroup(value) ? metadataTree(value) : stored(value)] as const,
    ),
  );
}

/** A value as the reference stores it: integers in 64 bits, large tensors packed. */
export function stored(value: NirTensor | string | number | readonly number[] | readonly string[]): Hdf5Set {
  if (typeof value === "string") return text(value);
  if (typeof value === "number") {
    if (Number.isSafeInteger(value)) return { shape: [], data: BigInt64Array.of(BigInt(value)) };
    return { shape: [], data: Float64Array.of(value) };
  }
  if (isTensor(value)) return { ...value, ...packing(value) };
  const shape = [value.length];
  if (value.length > 0 && typeof value[0] === "string") return { shape, data: value as readonly string[] };
  const integers = value as readonly number[];
  if (integers.every(Number.isSafeInteger)) return { shape, data: BigInt64Array.from(integers, BigInt) };
  throw new OptionError(
    `write NIR: expected sizes that are integers, received [${integers}]; correct the graph`,
  );
}

/** Tells tensors from lists. */
const isTensor = (value: object): value is NirTensor => "data" in value;

function packing({ shape }: NirTensor): { readonly chunks?: readonly number[] } {
  const [rows, ...row] = shape;
  if (rows === undefined || cells(shape) < 256) return {};
  return { chunks: [Math.min(rows, Math.max(1, Math.floor(chunkCells / cells(row)))), ...row] };
}

/** One text. */
export const text = (value: string): Hdf5Set => ({ shape: [], data: [value] });

/** @throws OptionError for a name that is none in HDF5 */
export function named(entries: readonly (readonly [string, Hdf5Tree | Hdf5Set])[]): Hdf5Tree {
  const wrong = entries.find(
    ([name]) => name === "" || name === "." || name.includes("/") || name.includes("\0"),
  );
  if (wrong === undefined) return new Map(entries);
  throw new OptionError(
    `write NIR: expected names without / and \\0, and not . alone, received ${JSON.stringify(wrong[0])}; rename it`,
  );
}
