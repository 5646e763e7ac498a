/**
 * Zstandard frames through `fzstd`, which trusts the sizes that a frame states; here they are checked first, and
 * the output is counted while it comes.
 *
 * @see RFC 8878, section 3.1.1
 */
import { Decompress } from "fzstd";

const magic = 0xfd2fb528;

/**
 * The content of one frame at the start of `bytes`; anything after the frame is ignored.
 *
 * @param limit - the most bytes to produce, and the largest window to allow
 * @throws RangeError (or fzstd's own Error) saying what is wrong with the frame
 */
export function decodeZstdFrame(bytes: Uint8Array, limit: number): Uint8Array {
  const frame = bytes.subarray(0, frameLength(bytes, limit));
  const pieces: Uint8Array[] = [];
  let length = 0;
  const stream = new Decompress((piece) => {
    length += piece.length;
    if (length > limit) throw new RangeError(`more than ${limit} bytes after decompression`);
    pieces.push(piece);
  });
  stream.push(frame, true);
  const content = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    content.set(piece, at);
    at += piece.length;
  }
  return content;
}

/** Walks header and block headers to the end of the frame, and checks the window on the way. */
function frameLength(bytes: Uint8Array, limit: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== magic) throw new RangeError("no Zstandard frame");
  const descriptor = view.getUint8(4);
  const singleSegment = (descriptor >> 5) & 1;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeBytes = descriptor >> 6 ? 1 << (descriptor >> 6) : singleSegment;
  let at = 6 - singleSegment + dictionaryBytes;
  const window = singleSegment ? contentSize(view, at, sizeBytes) : windowSize(view.getUint8(5));
  if (window > limit) throw new RangeError(`a Zstandard window of ${window} bytes`);
  at += sizeBytes;
  for (;;) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const size = header >> 3;
    at += 3 + (((header >> 1) & 3) === 1 ? 1 : size);
    if (at > bytes.length) throw new RangeError("a Zstandard block longer than the packet");
    if (header & 1) break;
  }
  return Math.min(bytes.length, at + (descriptor & 4 ? 4 : 0));
}

function contentSize(view: DataView, at: number, bytes: number): number {
  if (bytes === 8) return Number(view.getBigUint64(at, true));
  if (bytes === 4) return view.getUint32(at, true);
  return bytes === 2 ? view.getUint16(at, true) + 256 : view.getUint8(at);
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}
