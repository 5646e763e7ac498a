/**
 * Writes protocol-buffer messages: the few field types that TensorBoard's events need.
 * Wire format: https://protobuf.dev/programming-guides/encoding
 */

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** A message under construction; fields are written in the order of the calls. */
export class ProtobufMessage {
  readonly #parts: Uint8Array[] = [];

  /** int32, int64, uint64 and enums; not negative. */
  varint(field: number, value: number): this {
    return this.#put(field, VARINT, varintBytes(value));
  }

  double(field: number, value: number): this {
    return this.#put(field, FIXED64, doubleBytes([value]));
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#put(field, FIXED32, bytes);
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#put(field, LENGTH_DELIMITED, varintBytes(value.length), value);
  }

  message(field: number, value: ProtobufMessage): this {
    return this.bytes(field, value.finish());
  }

  /** A packed list of doubles. */
  doubles(field: number, values: ArrayLike<number>): this {
    return this.bytes(field, doubleBytes(values));
  }

  /** The message so far. */
  finish(): Uint8Array {
    return Buffer.concat(this.#parts);
  }

  #put(field: number, wireType: number, ...parts: Uint8Array[]): this {
    this.#parts.push(varintBytes(field * 8 + wireType), ...parts);
    return this;
  }
}

/** Seven bits a byte, lowest first; arithmetic instead of shifts, as steps may pass 2^31. */
function varintBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

function doubleBytes(values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat64(i * 8, values[i]!, true);
  return bytes;
}
