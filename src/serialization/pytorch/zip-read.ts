/** Contents of ZIP entries, unpacked to exactly the announced size and checked against their checksum. */
import { inflateRawSync } from "node:zlib";
import { DataFormatError } from "../../errors.js";
import { crc32 } from "../../files/index.js";
import { readZipDirectory, type ZipEntry } from "./zip-directory.js";

/** A ZIP file in memory. */
export interface ZipArchive {
  readonly names: readonly string[];
  has(name: string): boolean;
  size(name: string): number | undefined;
  /** The content: a view of the archive where it is stored, else unpacked anew. */
  read(name: string): Uint8Array<ArrayBuffer>;
}

/**
 * Opens an archive held in memory.
 *
 * @throws DataFormatError if the archive is unsound; `read` throws it for a damaged or missing entry
 */
export function openZip(archive: Uint8Array<ArrayBuffer>, path: string): ZipArchive {
  const entries = readZipDirectory(archive, path);
  return {
    names: [...entries.keys()],
    has: (name) => entries.has(name),
    size: (name) => entries.get(name)?.size,
    read(name) {
      const entry = entries.get(name);
      if (entry === undefined) {
        throw new DataFormatError(
          `read ${path}: expected an entry ${JSON.stringify(name)}, received none; the file is incomplete`,
        );
      }
      return unpack(archive.subarray(entry.begin, entry.end), { entry, path });
    },
  };
}

function unpack(
  bytes: Uint8Array<ArrayBuffer>,
  { entry, path }: { entry: ZipEntry; path: string },
): Uint8Array<ArrayBuffer> {
  const content = entry.method === "stored" ? bytes : inflate(bytes, entry.size);
  if (content?.length === entry.size && crc32(content) === entry.crc) return content;
  throw new DataFormatError(
    `read ${path}: expected entry ${JSON.stringify(entry.name)} of ${entry.size} bytes with checksum ` +
      `${entry.crc.toString(16)}, received other content; the file is damaged, copy it again`,
  );
}

/** `undefined` if the bytes are no deflate stream or hold more than `size`; never unpacks further than that. */
function inflate(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(inflateRawSync(bytes, { maxOutputLength: Math.max(1, size) }));
  } catch {
    return undefined;
  }
}
