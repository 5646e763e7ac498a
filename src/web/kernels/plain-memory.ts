/** A buffer that grows, for kernels in JavaScript. */
import { OptionError } from "../../errors.js";
import type { Memory } from "./kernels.js";

/** What a browser can surely hold in one piece. */
const mostBytes = 2 ** 31;

/** Arrays begin at 0. */
export class PlainMemory implements Memory {
  readonly start = 0;
  #buffer = new ArrayBuffer(0);

  get buffer(): ArrayBuffer {
    return this.#buffer;
  }

  reserve(bytes: number): void {
    if (bytes <= this.#buffer.byteLength) return;
    if (bytes > mostBytes) throw tooLarge(bytes);
    const grown = new ArrayBuffer(bytes);
    new Uint8Array(grown).set(new Uint8Array(this.#buffer));
    this.#buffer = grown;
  }
}

/** A network whose maps do not fit. */
export function tooLarge(bytes: number, cause?: unknown): OptionError {
  const mebibytes = Math.ceil(bytes / 2 ** 20);
  return new OptionError(
    `begin: expected maps that fit the memory of a page, received ones of ${mebibytes} MiB; take a smaller size`,
    { cause },
  );
}
