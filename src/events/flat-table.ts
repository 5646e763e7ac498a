/**
 * Just enough FlatBuffers to read AEDAT 4: tables found by field number, vectors of structs, strings, all in
 * bounds. The official runtime trusts its input; this one throws a RangeError wherever an offset leaves the buffer.
 *
 * @see FlatBuffers, "FlatBuffer Internals"
 */

import { viewOf } from "./byte-file.js";
import { latin1Text } from "./latin1.js";

/** Keeps a byte order mark, as it is part of the text. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** A table in a buffer. Numbers of fields count from 0 in the order of the schema. */
export class FlatTable {
  readonly #view: DataView;
  readonly #start: number;
  readonly #fields: number;
  readonly #fieldCount: number;

  constructor(view: DataView, start: number) {
    this.#view = view;
    this.#start = start;
    this.#fields = start - view.getInt32(start, true);
    this.#fieldCount = Math.max(0, (view.getUint16(this.#fields, true) - 4) >> 1);
  }

  /** The root table of a buffer with the 4-letter identifier. @throws RangeError if the identifier differs */
  static root(bytes: Uint8Array, identifier: string): FlatTable {
    const view = viewOf(bytes);
    const found = latin1Text(bytes, 4, 8);
    if (found !== identifier) throw new RangeError(`identifier ${JSON.stringify(found)}`);
    return new FlatTable(view, view.getUint32(0, true));
  }

  int32(field: number, absent: number): number {
    const at = this.#at(field);
    return at === undefined ? absent : this.#view.getInt32(at, true);
  }

  int64(field: number, absent: bigint): bigint {
    const at = this.#at(field);
    return at === undefined ? absent : this.#view.getBigInt64(at, true);
  }

  /** A struct's bytes. */
  struct(field: number, bytes: number): DataView | undefined {
    const at = this.#at(field);
    return at === undefined ? undefined : this.#slice(at, bytes);
  }

  string(field: number): string {
    return utf8.decode(this.vector(field, 1));
  }

  /** All elements of a vector of scalars or structs of `elementBytes`; empty if the field is absent. */
  vector(field: number, elementBytes: number): DataView {
    const at = this.#at(field);
    if (at === undefined) return this.#slice(0, 0);
    const start = at + this.#view.getUint32(at, true);
    return this.#slice(start + 4, this.#view.getUint32(start, true) * elementBytes);
  }

  /** The tables of a vector of tables. */
  *tables(field: number): Generator<FlatTable> {
    const offsets = this.vector(field, 4);
    for (let i = 0; i < offsets.byteLength; i += 4) {
      const at = offsets.byteOffset - this.#view.byteOffset + i;
      yield new FlatTable(this.#view, at + offsets.getUint32(i, true));
    }
  }

  #at(field: number): number | undefined {
    if (field >= this.#fieldCount) return undefined;
    const offset = this.#view.getUint16(this.#fields + 4 + 2 * field, true);
    return offset === 0 ? undefined : this.#start + offset;
  }

  #slice(start: number, bytes: number): DataView {
    if (start + bytes > this.#view.byteLength) throw new RangeError("an offset beyond the buffer");
    return new DataView(this.#view.buffer, this.#view.byteOffset + start, bytes);
  }
}
