/** SHA-256 digests (FIPS 180-4) as lower-case hexadecimal text. */
import { createHash } from "node:crypto";
import { withFile } from "./read-file.js";

/** Digest of bytes, or of text (UTF-8). */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/**
 * Digest of a file, read in pieces of 1 MiB.
 *
 * @throws FileError naming the file if it cannot be read
 */
export function sha256File(path: string): Promise<string> {
  return withFile(path, async (file) => {
    const hash = createHash("sha256");
    const piece = new Uint8Array(1 << 20);
    for (let position = 0; position < file.size; position += piece.length) {
      const part = piece.subarray(0, Math.min(piece.length, file.size - position));
      await file.readInto(part, position);
      hash.update(part);
    }
    return hash.digest("hex");
  });
}
