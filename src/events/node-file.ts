/** Files of the file system; the one place where reading recordings of bytes needs Node. */
import { type FileHandle, open } from "node:fs/promises";
import { fileError } from "../files/index.js";
import type { ByteFile, ByteSource } from "./byte-file.js";

/** The file at a path. */
export function nodeSource(path: string): ByteSource {
  return { name: path, open: () => openNodeFile(path) };
}

async function openNodeFile(path: string): Promise<ByteFile> {
  try {
    const handle = await open(path, "r");
    const status = await handle.stat();
    if (!status.isFile()) {
      await handle.close();
      throw Object.assign(new Error("not a file"), { code: "EISDIR" });
    }
    return new NodeFile(path, status.size, handle);
  } catch (error) {
    throw fileError(error, { operation: `read ${path}`, expected: "an event recording" });
  }
}

class NodeFile implements ByteFile {
  readonly name: string;
  readonly size: number;
  readonly #handle: FileHandle;

  constructor(name: string, size: number, handle: FileHandle) {
    this.name = name;
    this.size = size;
    this.#handle = handle;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    // Memory of its own, which nobody fills with zeros first.
    const { buffer } = Buffer.allocUnsafeSlow(wanted);
    const bytes = new Uint8Array(buffer);
    let done = 0;
    try {
      while (done < wanted) {
        const { bytesRead } = await this.#handle.read(bytes, done, wanted - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
    } catch (error) {
      throw fileError(error, { operation: `read ${this.name}`, expected: `${wanted} bytes at ${offset}` });
    }
    return bytes.subarray(0, done);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}
