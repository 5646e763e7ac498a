/** A text file in pieces of whole lines. */
import type { ByteFile } from "./byte-file.js";

/** Lines beyond this hold no event; what they begin with is enough to say so. */
const longestLine = 512;
const pieceBytes = 256 * 1024;

/** Whole lines, and the byte of the file at which they start; only the last line may lack its newline. */
export interface TextPiece {
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/** The lines from byte `start` on. */
export async function* textPieces(file: ByteFile, start: number): AsyncGenerator<TextPiece> {
  let rest: Uint8Array = new Uint8Array();
  for (let at = start; at < file.size; ) {
    const read = await file.read(at, pieceBytes);
    if (read.length === 0) break;
    const bytes = rest.length === 0 ? read : joined(rest, read);
    const offset = at - rest.length;
    at += read.length;
    const end = bytes.lastIndexOf(0x0a) + 1;
    if (end > 0) yield { bytes: bytes.subarray(0, end), offset };
    rest = bytes.subarray(end, Math.min(bytes.length, end + longestLine));
  }
  if (rest.length > 0) yield { bytes: rest, offset: file.size - rest.length };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
