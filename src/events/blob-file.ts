/** Files that a page was given: dropped, chosen or fetched. */
import { FileError } from "../errors.js";
import type { ByteFile, ByteSource } from "./byte-file.js";

/** A blob, which is open as long as the page holds it. */
export function blobSource(blob: Blob, name: string): ByteSource {
  const file: ByteFile = {
    name,
    size: blob.size,
    read: (offset, length) => readBlob(blob, { name, offset, length }),
    [Symbol.asyncDispose]: async () => {},
  };
  return { name, open: async () => file };
}

async function readBlob(
  blob: Blob,
  { name, offset, length }: { readonly name: string; readonly offset: number; readonly length: number },
): Promise<Uint8Array> {
  const end = Math.max(offset, Math.min(offset + length, blob.size));
  try {
    return new Uint8Array(await blob.slice(offset, end).arrayBuffer());
  } catch (error) {
    const received = error instanceof Error ? error.message : String(error);
    throw new FileError(
      `read ${name}: expected ${end - offset} bytes at ${offset}, received ${received}; the file was moved or changed, choose it again`,
      { cause: error },
    );
  }
}
