/** The text that opens jAER (`#`) and Prophesee (`% `) files. */
import type { ByteFile } from "./byte-file.js";
import { formatError } from "./format-error.js";
import { latin1Text } from "./latin1.js";

/** Headers of real recordings reach some 100 KiB (jAER stores its preferences there). */
const longestHeader = 4 * 1024 * 1024;

/** A parsed header: its lines without mark and line end, and the first byte after it. */
export interface TextHeader {
  readonly lines: readonly string[];
  readonly end: number;
}

/**
 * Reads header lines: those that start with `mark` and are printable. The line `endLine`, which only newer files
 * have, ends the header even if the data after it happen to look like a line.
 *
 * @throws DataFormatError if the last line does not end within 4 MiB
 */
export async function readTextHeader(
  file: ByteFile,
  { mark, endLine }: { readonly mark: string; readonly endLine: string },
): Promise<TextHeader> {
  const start = await file.read(0, longestHeader);
  const lines: string[] = [];
  let at = 0;
  while (start.length - at >= mark.length && latin1Text(start, at, at + mark.length) === mark) {
    const newline = start.indexOf(0x0a, at);
    const line = latin1Text(start, at + mark.length, newline < 0 ? start.length : newline).trim();
    if (!isPrintable(line)) break;
    if (newline < 0) {
      throw formatError({
        path: file.name,
        at,
        expected: `a header line that ends within ${longestHeader} bytes`,
        received: "no line end",
      });
    }
    lines.push(line);
    at = newline + 1;
    if (line === endLine) break;
  }
  return { lines, end: at };
}

function isPrintable(line: string): boolean {
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code < 0x20 && code !== 0x09) return false;
  }
  return true;
}
