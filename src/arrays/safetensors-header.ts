/**
 * The header of a safetensors file, read without trusting it.
 *
 *     8 bytes   N, length of the header, unsigned little-endian
 *     N bytes   JSON: { "__metadata__"?: {key: text}, NAME: {dtype, shape, data_offsets: [begin, end]}, … }
 *     the rest  the arrays' bytes; offsets count from here, and cover it without gaps or overlaps
 *
 * @see the format's description in https://github.com/huggingface/safetensors
 */

import { DataFormatError } from "../errors.js";
import type { DType } from "./element-types.js";
import { elementBytes, elementCount } from "./named-arrays.js";

/** The format's own names of the element types. */
export const safetensorsCodes: Readonly<Record<DType, string>> = {
  float64: "F64",
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
  int64: "I64",
  int32: "I32",
  int16: "I16",
  int8: "I8",
  uint8: "U8",
  bool: "BOOL",
};

const dtypes = new Map(
  Object.entries(safetensorsCodes).map(([dtype, code]) => [code, dtype as DType] as const),
);

/** A larger header than this is refused before it is read; the format's own limit. */
export const largestHeader = 100_000_000;

/** Where one array lies in the data part. */
export interface SafetensorsEntry {
  /** Element type. */
  readonly dtype: DType;
  /** Sides; none for a scalar. */
  readonly shape: readonly number[];
  /** First byte, counted from {@link SafetensorsHeader.dataStart}. */
  readonly begin: number;
  /** Byte after the last, counted in the same way. */
  readonly end: number;
}

/** What a file says about its arrays. */
export interface SafetensorsHeader {
  /** The arrays by name, in the header's order. */
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  /** The texts of `__metadata__`; none if it is absent. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the data part begins in the file. */
  readonly dataStart: number;
}

/**
 * The length N of the header.
 *
 * @param start - the file's first 8 bytes (fewer if it has fewer)
 * @throws DataFormatError if the file cannot hold such a header
 */
export function checkHeaderLength(start: Uint8Array, { path, size }: { path: string; size: number }): number {
  if (start.length < 8)
    throw refuse(path, "at least 8 bytes", `${size}`, "the file is cut off or no safetensors file");
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (length < 2 || length > largestHeader) {
    throw refuse(
      path,
      `a header of 2 to ${largestHeader} bytes`,
      `a length of ${length}`,
      "this is no safetensors file",
    );
  }
  if (8 + length > size) {
    throw refuse(
      path,
      `${8 + length} bytes for the header alone`,
      `a file of ${size}`,
      "the file is cut off; copy it again",
    );
  }
  return length;
}

/**
 * The header's entries, checked against each other and against the file's size.
 *
 * @param json - the N bytes of the header
 * @throws DataFormatError naming file, entry, expected and found bytes
 */
export function parseHeader(
  json: Uint8Array,
  { path, size }: { path: string; size: number },
): SafetensorsHeader {
  const dataStart = 8 + json.length;
  const entries = new Map<string, SafetensorsEntry>();
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseObject(json, path))) {
    if (name === "__metadata__") metadata = checkMetadata(value, path);
    else entries.set(name, checkEntry(value, { path, name }));
  }
  checkCoverage(entries, { path, dataBytes: size - dataStart });
  return { entries, metadata, dataStart };
}

function parseObject(json: Uint8Array, path: string): object {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(json);
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Reported below, with the others: the parser's own message shows file content instead of a remedy.
  }
  throw refuse(
    path,
    "a JSON object as header",
    "something else",
    "the file is damaged or no safetensors file",
  );
}

function checkMetadata(value: unknown, path: string): Record<string, string> {
  const isText = (entry: unknown) => typeof entry === "string";
  if (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(isText)
  ) {
    return value as Record<string, string>;
  }
  throw refuse(path, "__metadata__ of texts", JSON.stringify(value).slice(0, 60), "the file is damaged");
}

function checkEntry(value: unknown, { path, name }: { path: string; name: string }): SafetensorsEntry {
  const record = `array ${JSON.stringify(name)}`;
  const { dtype: code, shape, data_offsets: offsets } = Object(value) as Record<string, unknown>;
  const dtype = typeof code === "string" ? dtypes.get(code) : undefined;
  if (dtype === undefined) {
    const known = [...dtypes.keys()].join(", ");
    throw refuse(path, `${record} of type ${known}`, `${JSON.stringify(code)}`, "convert it to one of these");
  }
  const count = Array.isArray(shape) ? elementCount(shape) : undefined;
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? (offsets as unknown[]) : [];
  if (count === undefined || !isOffset(begin) || !isOffset(end) || begin > end) {
    throw refuse(
      path,
      `${record} with a shape and two offsets`,
      `shape ${JSON.stringify(shape)}, offsets ${JSON.stringify(offsets)}`,
      "the file is damaged",
    );
  }
  const bytes = count * elementBytes(dtype);
  if (end - begin !== bytes) {
    throw refuse(
      path,
      `${bytes} bytes for ${record}, ${code} [${shape}]`,
      `${end - begin}`,
      "the file is damaged",
    );
  }
  return { dtype, shape: shape as number[], begin, end };
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function checkCoverage(
  entries: ReadonlyMap<string, SafetensorsEntry>,
  { path, dataBytes }: { path: string; dataBytes: number },
): void {
  let covered = 0;
  for (const [name, { begin, end }] of [...entries].sort(
    ([, a], [, b]) => a.begin - b.begin || a.end - b.end,
  )) {
    if (begin !== covered) {
      const fault = begin < covered ? "overlaps the one before" : "leaves a gap";
      throw refuse(
        path,
        `array ${JSON.stringify(name)} to begin at ${covered}`,
        `${begin}`,
        `it ${fault}; the file is damaged`,
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    const fault =
      covered > dataBytes ? "the file is cut off; copy it again" : "the file has bytes that no array owns";
    throw refuse(path, `${covered} bytes of data`, `${dataBytes}`, fault);
  }
}

function refuse(path: string, expected: string, received: string, nextStep: string): DataFormatError {
  return new DataFormatError(`read ${path}: expected ${expected}, received ${received}; ${nextStep}`);
}
