/** Arrays one behind the other in the memory of kernels. */
import type { Address, Memory } from "./kernels.js";

/** Kernels read and write whole vectors, so that some bytes behind an array are touched. */
const slack = 64;

/** Gives out addresses; what lies behind a mark is given out again after `reset`. */
export class Arena {
  readonly #memory: Memory;
  #end: number;

  constructor(memory: Memory) {
    this.#memory = memory;
    this.#end = memory.start;
  }

  /** Where the next array will be. */
  get mark(): number {
    return this.#end;
  }

  /** Forgets all arrays from a mark on. */
  reset(mark: number): void {
    this.#end = mark;
  }

  /** Room for an array, at a multiple of 64; what is in it is left from before. */
  room(bytes: number): Address {
    const at = Math.ceil(this.#end / 64) * 64;
    this.#end = at + bytes + slack;
    this.#memory.reserve(this.#end);
    return at;
  }

  /** A copy of an array. */
  put(values: Float32Array | Int32Array | Uint8Array | Int8Array): Address {
    const at = this.room(values.byteLength);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    new Uint8Array(this.#memory.buffer, at).set(bytes);
    return at;
  }
}
