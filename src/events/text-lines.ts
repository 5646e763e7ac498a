/** A text file in pieces of whole lines. */
import type { ByteFile } from "./byte-file.js";

/** Lines beyond this hold no event; what they begin with is enough to say so. */
const longestLine = 512;
const pieceBytes = 256 * 1024;
const newline = 0x0a;

/** Whole lines, and the byte of the file at which they start; only the last line may lack its newline. */
export interface TextPiece {
  readonly bytes: Uint8Array;
  readonly offset: number;
  /** Where the next piece starts. */
  readonly next: number;
}

/** The lines from byte `start` on. What a piece cuts is read again with the next one, which costs less than joining the two. */
export async function* textPieces(file: ByteFile, start: number): AsyncGenerator<TextPiece> {
  for (let at = start; at < file.size; ) {
    const bytes = await file.read(at, pieceBytes);
    if (bytes.length === 0) break;
    const whole = at + bytes.length < file.size ? bytes.lastIndexOf(newline) + 1 : bytes.length;
    const next = whole > 0 ? at + whole : await nextLine(file, at + bytes.length);
    // Of a line that is longer than a piece, its beginning.
    yield { bytes: bytes.subarray(0, whole || longestLine), offset: at, next };
    at = next;
  }
}

/** Where the line ends that goes on at `at`. */
async function nextLine(file: ByteFile, at: number): Promise<number> {
  for (let from = at; from < file.size; from += pieceBytes) {
    const found = (await file.read(from, pieceBytes)).indexOf(newline);
    if (found >= 0) return from + found + 1;
  }
  return file.size;
}
