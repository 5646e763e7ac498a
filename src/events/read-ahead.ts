/** Many small reads, one after the other, as few large ones. */
import type { ByteFile } from "./byte-file.js";

const aheadBytes = 256 * 1024;

/** A file whose bytes are fetched some hundred kilobytes at a time; closing it closes the one behind it. */
export function readAhead(file: ByteFile): ByteFile {
  let start = 0;
  let kept: Uint8Array = new Uint8Array();
  return {
    name: file.name,
    size: file.size,
    async read(offset, length) {
      const end = Math.max(offset, Math.min(offset + length, file.size));
      if (offset < start || end > start + kept.length) {
        if (length > aheadBytes) return file.read(offset, length);
        kept = await file.read(offset, aheadBytes);
        start = offset;
      }
      return kept.subarray(offset - start, end - start);
    },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}
