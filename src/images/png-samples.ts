/**
 * Samples of grey and palette PNGs of 1, 2 or 4 bits: packed rows, and the seven passes of interlaced ones.
 *
 * @see PNG (Third Edition), W3C Recommendation, sections 8 and 9
 */
import { DataFormatError } from "../errors.js";
import { adam7, type PngStructure } from "./png-structure.js";

/**
 * One value a pixel, `[H, W]`, of a PNG with one channel and less than 8 bits.
 *
 * @param name - the file, for error messages
 * @throws DataFormatError if it has more channels or an unknown filter
 */
export function fewBitSamples(
  { width, height, depth, channels, interlaced, inflated }: PngStructure,
  name: string,
): Uint8Array {
  if (channels !== 1) throw damaged(name, `${channels} channels of ${depth} bits`);
  const samples = new Uint8Array(width * height);
  const passes = interlaced ? adam7 : ([[0, 0, 1, 1]] as const);
  let offset = 0;
  for (const [left, top, stepX, stepY] of passes) {
    const columns = Math.ceil(Math.max(0, width - left) / stepX);
    const rows = Math.ceil(Math.max(0, height - top) / stepY);
    if (columns === 0 || rows === 0) continue;
    const rowBytes = Math.ceil((columns * depth) / 8);
    let above: Uint8Array = new Uint8Array(rowBytes);
    for (let r = 0; r < rows; r++, offset += 1 + rowBytes) {
      const row = inflated.subarray(offset + 1, offset + 1 + rowBytes);
      const filter = inflated[offset] as number;
      if (filter > 4) throw damaged(name, `filter ${filter}`);
      unfilter(filter, row, above);
      for (let c = 0; c < columns; c++) {
        const bit = c * depth;
        const shift = 8 - depth - (bit & 7);
        const value = ((row[bit >> 3] as number) >> shift) & ((1 << depth) - 1);
        samples[(top + r * stepY) * width + left + c * stepX] = value;
      }
      above = row;
    }
  }
  return samples;
}

function damaged(name: string, received: string): DataFormatError {
  return new DataFormatError(
    `decode ${name}: expected a sound PNG, received one that is damaged (${received}); replace the file`,
  );
}

/** Undoes a scanline's filter in place; below 8 bits a pixel the byte before stands for the pixel before. */
function unfilter(type: number, row: Uint8Array, above: Uint8Array): void {
  for (let i = 0; i < row.length; i++) {
    const [left, up, corner] = [row[i - 1] ?? 0, above[i] ?? 0, above[i - 1] ?? 0];
    const predicted = [0, left, up, (left + up) >> 1, type === 4 ? paeth(left, up, corner) : 0][type] ?? 0;
    row[i] = (row[i] as number) + predicted;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
