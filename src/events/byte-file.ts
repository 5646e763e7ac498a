/** Reading a large file piece by piece, with the file's name in every error. */
import { type FileHandle, open } from "node:fs/promises";
import { fileError } from "../files/index.js";
import { formatError } from "./format-error.js";
import type { SkipLog } from "./skipped-events.js";

/** Piece size: large enough that the system call does not show, small enough that memory does not either. */
const chunkBytes = 256 * 1024;

/** A file opened for reading; close it. */
export class ByteFile implements AsyncDisposable {
  readonly path: string;
  readonly size: number;
  readonly #handle: FileHandle;

  private constructor(path: string, size: number, handle: FileHandle) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
  }

  /** @throws FileError if the file cannot be opened */
  static async open(path: string): Promise<ByteFile> {
    try {
      const handle = await open(path, "r");
      const status = await handle.stat();
      if (!status.isFile()) {
        await handle.close();
        throw Object.assign(new Error("not a file"), { code: "EISDIR" });
      }
      return new ByteFile(path, status.size, handle);
    } catch (error) {
      throw fileError(error, { operation: `read ${path}`, expected: "an event recording" });
    }
  }

  /** Up to `length` bytes from `offset`; fewer only where the file ends. */
  async read(offset: number, length: number): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    const buffer = Buffer.allocUnsafeSlow(wanted);
    let done = 0;
    try {
      while (done < wanted) {
        const { bytesRead } = await this.#handle.read(buffer, done, wanted - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
    } catch (error) {
      throw fileError(error, { operation: `read ${this.path}`, expected: `${wanted} bytes at ${offset}` });
    }
    return buffer.subarray(0, done);
  }

  /** Exactly `length` bytes from `offset`. @throws DataFormatError if the file ends before */
  async readExactly(offset: number, length: number, what: string): Promise<Buffer> {
    const bytes = length <= this.size - offset ? await this.read(offset, length) : undefined;
    if (bytes?.length === length) return bytes;
    throw formatError({
      path: this.path,
      at: offset,
      expected: `${length} bytes of ${what}`,
      received: `the end of the file at byte ${this.size}`,
    });
  }

  /** The rest of the file from `start` in pieces that hold whole records; bytes left over at its end are skipped. */
  async *records(
    start: number,
    { recordBytes, log }: { readonly recordBytes: number; readonly log: SkipLog },
  ): AsyncGenerator<{ readonly bytes: Buffer; readonly offset: number }> {
    const step = Math.max(1, Math.floor(chunkBytes / recordBytes)) * recordBytes;
    for (let offset = start; offset < this.size; ) {
      const bytes = await this.read(offset, step);
      const whole = bytes.length - (bytes.length % recordBytes);
      if (whole > 0) yield { bytes: bytes.subarray(0, whole), offset };
      if (whole < bytes.length || bytes.length === 0) {
        log.skip("cut-end", () => ({
          at: offset + whole,
          expected: `records of ${recordBytes} bytes to the end`,
          received: `${bytes.length - whole} bytes at the end of the file`,
        }));
        return;
      }
      offset += whole;
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
