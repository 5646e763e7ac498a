/** Reading a large file piece by piece, wherever it lies, with the file's name in every error. */
import { formatError } from "./format-error.js";
import type { SkipLog } from "./skipped-events.js";

/** Piece size: large enough that a single read does not show, small enough that memory does not either. */
const chunkBytes = 256 * 1024;

/** A file opened for reading; close it. */
export interface ByteFile extends AsyncDisposable {
  /** As messages call it. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /**
   * Up to `length` bytes from `offset`, not to be written to; fewer only where the file ends.
   *
   * @throws FileError if they cannot be read
   */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** What can be opened any number of times: each pass over a recording has a file of its own. */
export interface ByteSource {
  readonly name: string;
  /** @throws FileError if it cannot be opened */
  open(): Promise<ByteFile>;
}

/** Exactly `length` bytes from `offset`. @throws DataFormatError if the file ends before */
export async function readExactly(
  file: ByteFile,
  { offset, length, what }: { readonly offset: number; readonly length: number; readonly what: string },
): Promise<Uint8Array> {
  const bytes = length <= file.size - offset ? await file.read(offset, length) : undefined;
  if (bytes?.length === length) return bytes;
  throw formatError({
    path: file.name,
    at: offset,
    expected: `${length} bytes of ${what}`,
    received: `the end of the file at byte ${file.size}`,
  });
}

/** Whole records, and the byte of the file at which the first starts. */
export interface RecordPiece {
  readonly view: DataView;
  readonly offset: number;
}

/** The rest of a file from `start` in pieces of whole records; bytes left over at its end are skipped. */
export async function* recordPieces(
  file: ByteFile,
  {
    start,
    recordBytes,
    log,
  }: { readonly start: number; readonly recordBytes: number; readonly log: SkipLog },
): AsyncGenerator<RecordPiece> {
  const step = Math.max(1, Math.floor(chunkBytes / recordBytes)) * recordBytes;
  for (let offset = start; offset < file.size; ) {
    const bytes = await file.read(offset, step);
    const whole = bytes.length - (bytes.length % recordBytes);
    if (whole > 0) yield { view: viewOf(bytes.subarray(0, whole)), offset };
    if (whole < bytes.length || bytes.length === 0) {
      log.skip("cut-end", () => ({
        at: offset + whole,
        expected: `records of ${recordBytes} bytes to the end`,
        received: `${bytes.length - whole} bytes at the end of the file`,
      }));
      return;
    }
    offset += whole;
  }
}

/** The same bytes, to be read as numbers. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
