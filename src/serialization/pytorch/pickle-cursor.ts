/** Reads the numbers, texts and bytes of a pickle, never past its end. */
import { DataFormatError } from "../../errors.js";

/** Longer integers than this many bytes are refused: turning them into numbers would take quadratic time. */
const longestInteger = 32;
const longestName = 256;

/** A position in a pickle. */
export class PickleCursor {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Named in messages: file and entry. */
  readonly source: string;
  position: number;
  readonly #view: DataView;

  constructor(
    bytes: Uint8Array<ArrayBuffer>,
    { source, position = 0 }: { source: string; position?: number },
  ) {
    this.bytes = bytes;
    this.source = source;
    this.position = position;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The error for what was found at the current position. */
  refuse(fault: string): DataFormatError {
    return new DataFormatError(
      `read ${this.source}: expected only tensors, dicts, lists, numbers and texts, received ${fault} ` +
        `before byte ${this.position}; save the state_dict alone (other programs would run what such a file names)`,
    );
  }

  /** Moves on by `count` bytes and returns where they begin. */
  skip(count: number): number {
    const begin = this.position;
    if (count > this.bytes.length - begin) {
      throw new DataFormatError(
        `read ${this.source}: expected ${count} more bytes at ${begin}, received ${this.bytes.length - begin}; ` +
          "the file is cut off or damaged",
      );
    }
    this.position = begin + count;
    return begin;
  }

  uint8(): number {
    return this.#view.getUint8(this.skip(1));
  }
  uint16(): number {
    return this.#view.getUint16(this.skip(2), true);
  }
  uint32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }
  int32(): number {
    return this.#view.getInt32(this.skip(4), true);
  }
  /** A length of 64 bits. */
  uint64(): number {
    const value = this.#view.getBigUint64(this.skip(8), true);
    if (value > BigInt(this.bytes.length)) throw this.refuse(`a length of ${value}`);
    return Number(value);
  }
  /** Python's floats are the only big-endian numbers in a pickle. */
  float64(): number {
    return this.#view.getFloat64(this.skip(8), false);
  }

  /** Two's complement, little-endian, of any length. */
  integer(length: number): number | bigint {
    if (length > longestInteger) throw this.refuse(`an integer of ${length} bytes`);
    const begin = this.skip(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[begin + i]!);
    const signed = BigInt.asIntN(8 * length, value);
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }

  raw(length: number): Uint8Array<ArrayBuffer> {
    const begin = this.skip(length);
    return this.bytes.subarray(begin, begin + length);
  }

  utf8(length: number): string {
    return Buffer.from(this.raw(length)).toString("utf8");
  }

  /** Python 2's str: bytes, read as Latin-1 as PyTorch's users do. */
  latin1(length: number): string {
    return Buffer.from(this.raw(length)).toString("latin1");
  }

  /** A name ended by a line feed. */
  line(): string {
    const begin = this.position;
    const end = this.bytes.indexOf(0x0a, begin);
    if (end < 0 || end - begin > longestName) throw this.refuse("a name without an end");
    this.position = end + 1;
    return Buffer.from(this.bytes.subarray(begin, end)).toString("utf8");
  }
}
