/** Reading whole files, or stretches of them, with errors that name the file. */
import { type FileHandle, open } from "node:fs/promises";
import { FileError } from "../errors.js";
import { fileError } from "./file-error.js";

/** A file open for reading, of known size. */
export interface OpenFile {
  readonly path: string;
  readonly size: number;
  /** Fills `target` with the bytes from `position` on. */
  readInto(target: Uint8Array, position: number): Promise<void>;
}

/**
 * Opens `path`, hands it to `use`, and closes it again, also after an error.
 *
 * @throws FileError naming the file if it is missing, no regular file, or unreadable
 */
export async function withFile<T>(path: string, use: (file: OpenFile) => Promise<T>): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "r");
    const stat = await handle.stat();
    if (!stat.isFile()) {
      throw new FileError(
        `read ${path}: expected a file, received a folder or device; give the path of a file`,
      );
    }
    const opened = handle;
    return await use({
      path,
      size: stat.size,
      readInto: (target, position) => readFully(opened, { path, target, position }),
    });
  } catch (error) {
    throw fileError(error, { operation: `read ${path}`, expected: "a readable file" });
  } finally {
    await handle?.close();
  }
}

/**
 * All bytes of a file, in an `ArrayBuffer` of their own.
 *
 * @throws FileError naming the file if it is missing or unreadable
 */
export function readFileBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return withFile(path, async (file) => {
    const bytes = new Uint8Array(file.size);
    await file.readInto(bytes, 0);
    return bytes;
  });
}

async function readFully(
  handle: FileHandle,
  { path, target, position }: { path: string; target: Uint8Array; position: number },
): Promise<void> {
  const largest = 1 << 30;
  for (let done = 0; done < target.length; ) {
    const { bytesRead } = await handle.read(
      target,
      done,
      Math.min(largest, target.length - done),
      position + done,
    );
    if (bytesRead === 0) {
      throw new FileError(
        `read ${path}: expected ${target.length} bytes at ${position}, received ${done}; the file shrank meanwhile, read it again`,
      );
    }
    done += bytesRead;
  }
}
