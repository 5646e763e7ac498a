/** Names of pictures and videos as names of files, on any system. */
import { DataFormatError } from "../../../errors.js";

/** Letters and digits of any script, `_`, `.` and `-` stay; what lies between them becomes `-`. */
export function fileNameOf(name: string): string {
  return name.replaceAll(/[^\p{L}\p{M}\p{N}_.-]+/gu, "-");
}

/**
 * The same for the examples of a split, which need files of their own.
 *
 * @throws DataFormatError if two become one
 */
export function fileNamesOf(ids: readonly string[]): readonly string[] {
  const taken = new Map<string, string>();
  return ids.map((id) => {
    const name = fileNameOf(id);
    const before = taken.get(name);
    if (before !== undefined) {
      throw new DataFormatError(
        `simulate: expected pictures whose names differ as names of files, received ${before} and ${id}, which both become ${name}; ` +
          "rename one of them",
      );
    }
    taken.set(name, id);
    return name;
  });
}
