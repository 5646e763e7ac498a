/**
 * LZ4 frame decoder with a limit on its output.
 *
 * Our own because the decoders on npm either load a native addon or trust the sizes that the file states. Checksums
 * are skipped, dictionaries are refused.
 *
 * @see LZ4 Frame Format 1.6.4 and LZ4 Block Format
 */

const magic = 0x184d2204;

/**
 * The content of one frame at the start of `bytes`.
 *
 * @param limit - the most bytes to produce
 * @throws RangeError saying what is wrong with the frame
 */
export function decodeLz4Frame(bytes: Uint8Array, limit: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== magic) throw new RangeError("no LZ4 frame");
  const flags = view.getUint8(4);
  if (flags >> 6 !== 1 || flags & 1)
    throw new RangeError("an LZ4 frame of another version or with a dictionary");
  const blockChecksum = flags & 0x10 ? 4 : 0;
  let at = 7 + (flags & 0x08 ? 8 : 0);
  // Blocks may refer to earlier ones, so all go to one buffer, which grows with what is really there.
  const output = new Output(Math.min(limit, 4 * bytes.length), limit);
  for (;;) {
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) return output.bytes.subarray(0, output.length);
    const length = size & 0x7fffffff;
    if (at + length > bytes.length) throw new RangeError("an LZ4 block longer than the frame");
    const block = bytes.subarray(at, at + length);
    if (size >>> 31) output.literals(block, 0, length);
    else decodeBlock(block, output);
    at += length + blockChecksum;
  }
}

/** Sequences of literals and of matches in the output so far. */
function decodeBlock(block: Uint8Array, output: Output): void {
  let at = 0;
  const extended = (length: number): number => {
    if (length !== 15) return length;
    for (;;) {
      const more = block[at++];
      if (more === undefined) throw new RangeError("a cut LZ4 length");
      length += more;
      if (more !== 255) return length;
    }
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = extended(token >> 4);
    if (at + literals > block.length) throw new RangeError("LZ4 literals longer than the block");
    output.literals(block, at, literals);
    at += literals;
    // The last sequence has literals only.
    if (at === block.length) return;
    const distance = block[at]! | ((block[at + 1] ?? 0) << 8);
    at += 2;
    output.match(distance, extended(token & 15) + 4);
  }
}

class Output {
  bytes: Uint8Array;
  length = 0;
  readonly #limit: number;

  constructor(capacity: number, limit: number) {
    this.bytes = new Uint8Array(capacity);
    this.#limit = limit;
  }

  literals(source: Uint8Array, start: number, count: number): void {
    this.#reserve(count);
    this.bytes.set(source.subarray(start, start + count), this.length);
    this.length += count;
  }

  match(distance: number, count: number): void {
    if (distance === 0 || distance > this.length) throw new RangeError("an LZ4 match before the start");
    this.#reserve(count);
    const { bytes, length } = this;
    // Byte by byte: a match may overlap what it writes.
    for (let i = length; i < length + count; i++) bytes[i] = bytes[i - distance]!;
    this.length += count;
  }

  #reserve(count: number): void {
    const wanted = this.length + count;
    if (wanted > this.#limit) throw new RangeError(`more than ${this.#limit} bytes after decompression`);
    if (wanted <= this.bytes.length) return;
    const larger = new Uint8Array(Math.min(this.#limit, Math.max(wanted, 2 * this.bytes.length)));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}
