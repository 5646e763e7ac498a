/**
 * A look over a PNG's chunks before any decoder believes its header.
 *
 * A header of a few bytes can claim a picture of gigabytes, and a few kilobytes of data can inflate to as much.
 * So the claimed size must be a sane one, every chunk must lie within the file, and the data must inflate to
 * exactly the bytes that the header calls for.
 *
 * @see PNG (Third Edition), W3C Recommendation, sections 5 and 11
 */
import { inflateSync } from "node:zlib";
import { DataFormatError } from "../errors.js";
import { maxPixels } from "./raster.js";

const signature = [137, 80, 78, 71, 13, 10, 26, 10];
const channelsOfColourType = new Map([
  [0, 1],
  [2, 3],
  [3, 1],
  [4, 2],
  [6, 4],
]);
/** First column, first row, column step and row step of the seven passes of an interlaced picture. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/**
 * Checks that a PNG can be decoded within bounds.
 *
 * @param name - the file, for error messages
 * @throws DataFormatError naming the file and the byte offset
 */
export function checkPngStructure(bytes: Uint8Array, name: string): void {
  const fail = (what: string, offset: number): never => {
    throw new DataFormatError(
      `decode ${name}: expected a PNG, received ${what} at byte ${offset}; replace the file, which is damaged or of another format`,
    );
  };
  if (signature.some((byte, i) => bytes[i] !== byte)) fail("another signature", 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pieces: Uint8Array[] = [];
  let expected: number | undefined;
  for (let offset = 8, ended = false; !ended; ) {
    if (offset + 12 > bytes.length) fail("an end of file where a chunk begins", offset);
    const length = view.getUint32(offset);
    const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));
    if (length > bytes.length - offset - 12)
      fail(`a ${type} chunk of ${length} bytes beyond the file`, offset);
    if (type === "IHDR") {
      if (expected !== undefined || length !== 13) fail("a wrong IHDR chunk", offset);
      expected =
        inflatedSize(view, offset + 8) ??
        fail("a header that is impossible, or interlaced with under 8 bits a sample,", offset);
    } else if (expected === undefined) fail(`a ${type} chunk before the header`, offset);
    if (type === "IDAT") pieces.push(bytes.subarray(offset + 8, offset + 8 + length));
    ended = type === "IEND";
    offset += 12 + length;
  }
  checkData(pieces, expected as number, name);
}

/** Bytes of all scanlines with their filter bytes, or `undefined` for a header that no sane picture has or no decoder here reads. */
function inflatedSize(view: DataView, offset: number): number | undefined {
  const width = view.getUint32(offset);
  const height = view.getUint32(offset + 4);
  const depth = view.getUint8(offset + 8);
  const channels = channelsOfColourType.get(view.getUint8(offset + 9));
  const interlace = view.getUint8(offset + 12);
  if (width === 0 || height === 0 || width * height > maxPixels) return undefined;
  if (channels === undefined || ![1, 2, 4, 8, 16].includes(depth) || interlace > 1) return undefined;
  const scanlines = (w: number, h: number) => (w === 0 ? 0 : h * (1 + Math.ceil((w * channels * depth) / 8)));
  if (interlace === 0) return scanlines(width, height);
  // The decoder reads passes of less than a byte a pixel wrongly.
  if (depth < 8) return undefined;
  return adam7.reduce((sum, [x, y, dx, dy]) => {
    return sum + scanlines(Math.ceil(Math.max(0, width - x) / dx), Math.ceil(Math.max(0, height - y) / dy));
  }, 0);
}

function checkData(pieces: readonly Uint8Array[], expected: number, name: string): void {
  let received: number | string;
  let cause: unknown;
  try {
    received = inflateSync(Buffer.concat(pieces), { maxOutputLength: expected }).length;
    if (received === expected) return;
  } catch (error) {
    received = error instanceof Error ? error.message : String(error);
    cause = error;
  }
  throw new DataFormatError(
    `decode ${name}: expected PNG data of ${expected} bytes, received ${received}; replace the file, which is damaged`,
    { cause },
  );
}
