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
import { crc32 } from "../files/index.js";
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
export const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** What the chunks of a sound PNG hold. */
export interface PngStructure extends PngHeader {
  /** Scanlines with their filter bytes, of interlaced pictures pass after pass. */
  readonly inflated: Uint8Array;
  /** Red, green, blue of each entry. */
  readonly palette: Uint8Array | undefined;
  /** The EXIF block. */
  readonly exif: Uint8Array | undefined;
}

interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits a sample. */
  readonly depth: number;
  readonly channels: number;
  readonly interlaced: boolean;
}

/**
 * Checks that a PNG can be decoded within bounds.
 *
 * @param name - the file, for error messages
 * @throws DataFormatError naming the file and the byte offset
 */
export function pngStructure(bytes: Uint8Array, name: string): PngStructure {
  const fail = (what: string, offset: number): never => {
    throw new DataFormatError(
      `decode ${name}: expected a PNG, received ${what} at byte ${offset}; replace the file, which is damaged or of another format`,
    );
  };
  if (signature.some((byte, i) => bytes[i] !== byte)) fail("another signature", 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pieces: Uint8Array[] = [];
  const others = new Map<string, Uint8Array>();
  let header: PngHeader | undefined;
  for (let offset = 8, ended = false; !ended; ) {
    if (offset + 12 > bytes.length) fail("an end of file where a chunk begins", offset);
    const length = view.getUint32(offset);
    const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));
    if (length > bytes.length - offset - 12)
      fail(`a ${type} chunk of ${length} bytes beyond the file`, offset);
    if (type === "IHDR") {
      if (header !== undefined || length !== 13) fail("a wrong IHDR chunk", offset);
      header = readHeader(view, offset + 8) ?? fail("a header that is impossible", offset);
    } else if (header === undefined) fail(`a ${type} chunk before the header`, offset);
    if (crc32(bytes.subarray(offset + 4, offset + 8 + length)) !== view.getUint32(offset + 8 + length))
      fail(`a ${type} chunk with another checksum`, offset);
    const content = bytes.subarray(offset + 8, offset + 8 + length);
    if (type === "IDAT") pieces.push(content);
    else others.set(type, content);
    ended = type === "IEND";
    offset += 12 + length;
  }
  const inflated = inflatedData(pieces, inflatedSize(header as PngHeader), name);
  return { ...(header as PngHeader), inflated, palette: others.get("PLTE"), exif: others.get("eXIf") };
}

/** `undefined` for a header that no sane picture has. */
function readHeader(view: DataView, offset: number): PngHeader | undefined {
  const width = view.getUint32(offset);
  const height = view.getUint32(offset + 4);
  const depth = view.getUint8(offset + 8);
  const channels = channelsOfColourType.get(view.getUint8(offset + 9));
  const interlace = view.getUint8(offset + 12);
  if (width === 0 || height === 0 || width * height > maxPixels) return undefined;
  if (channels === undefined || ![1, 2, 4, 8, 16].includes(depth) || interlace > 1) return undefined;
  return { width, height, depth, channels, interlaced: interlace === 1 };
}

/** Bytes of all scanlines with their filter bytes. */
function inflatedSize({ width, height, depth, channels, interlaced }: PngHeader): number {
  const scanlines = (w: number, h: number) => (w === 0 ? 0 : h * (1 + Math.ceil((w * channels * depth) / 8)));
  if (!interlaced) return scanlines(width, height);
  return adam7.reduce((sum, [x, y, dx, dy]) => {
    return sum + scanlines(Math.ceil(Math.max(0, width - x) / dx), Math.ceil(Math.max(0, height - y) / dy));
  }, 0);
}

function inflatedData(pieces: readonly Uint8Array[], expected: number, name: string): Uint8Array {
  let received: number | string;
  let cause: unknown;
  try {
    const inflated = inflateSync(Buffer.concat(pieces), { maxOutputLength: expected });
    if (inflated.length === expected) return inflated;
    received = inflated.length;
  } catch (error) {
    received = error instanceof Error ? error.message : String(error);
    cause = error;
  }
  throw new DataFormatError(
    `decode ${name}: expected PNG data of ${expected} bytes, received ${received}; replace the file, which is damaged`,
    { cause },
  );
}
