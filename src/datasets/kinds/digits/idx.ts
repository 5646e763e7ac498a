/**
 * MNIST's IDX files, plain or gzipped.
 *
 * Big-endian: magic 2051, count, rows, columns, then a byte a pixel; labels: magic 2049, count, then a byte each.
 *
 * @see LeCun, Cortes & Burges, "The MNIST database of handwritten digits"
 */
import { gunzipSync } from "node:zlib";
import { DataFormatError } from "../../../errors.js";
import { readFileBytes } from "../../../files/index.js";

const imagesMagic = 2051;
const labelsMagic = 2049;
/** A gzipped file may not inflate beyond this; MNIST's largest is 47 MB. */
const largestInflated = 256 * 2 ** 20;

export interface IdxImages {
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
  /** `[count, rows, columns]` */
  readonly data: Uint8Array;
}

/**
 * Parses an IDX image file.
 *
 * @throws DataFormatError if the header or the length is wrong
 */
export function parseIdxImages(bytes: Uint8Array, name: string): IdxImages {
  const [count, rows, columns] = header(bytes, { magic: imagesMagic, fields: 3, name }) as [
    number,
    number,
    number,
  ];
  if (rows === 0 || columns === 0 || rows > 4096 || columns > 4096) {
    throw new DataFormatError(
      `read ${name}: expected pictures of 1x1 to 4096x4096, received ${rows}x${columns} at byte 8; replace the file`,
    );
  }
  return { count, rows, columns, data: body(bytes, { start: 16, length: count * rows * columns, name }) };
}

/**
 * Parses an IDX label file.
 *
 * @throws DataFormatError if the header or the length is wrong, or a label is no digit
 */
export function parseIdxLabels(bytes: Uint8Array, name: string): Uint8Array {
  const [count] = header(bytes, { magic: labelsMagic, fields: 1, name }) as [number];
  const labels = body(bytes, { start: 8, length: count, name });
  const wrong = labels.findIndex((label) => label > 9);
  if (wrong >= 0) {
    throw new DataFormatError(
      `read ${name}: expected digits 0 to 9, received ${labels[wrong]} at byte ${8 + wrong}; replace the file`,
    );
  }
  return labels;
}

/**
 * Reads an IDX file, inflating it if it is gzipped.
 *
 * @throws FileError if it cannot be read, DataFormatError if it does not inflate
 */
export async function readIdxBytes(path: string): Promise<Uint8Array> {
  const bytes = await readFileBytes(path);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: largestInflated });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataFormatError(
      `read ${path}: expected a sound gzip file, received ${reason}; replace the file`,
      {
        cause: error,
      },
    );
  }
}

function header(
  bytes: Uint8Array,
  { magic, fields, name }: { readonly magic: number; readonly fields: number; readonly name: string },
): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = 4 * (fields + 1);
  const received = bytes.length < length ? `${bytes.length} bytes` : `magic ${view.getUint32(0)} at byte 0`;
  if (bytes.length < length || view.getUint32(0) !== magic) {
    throw new DataFormatError(
      `read ${name}: expected an IDX file with magic ${magic}, received ${received}; replace the file`,
    );
  }
  return Array.from({ length: fields }, (_, i) => view.getUint32(4 * (i + 1)));
}

function body(
  bytes: Uint8Array,
  { start, length, name }: { readonly start: number; readonly length: number; readonly name: string },
): Uint8Array {
  if (bytes.length - start === length) return bytes.subarray(start);
  throw new DataFormatError(
    `read ${name}: expected ${length} bytes after the header at byte ${start}, received ${bytes.length - start}; replace the file, which is cut or of another format`,
  );
}
