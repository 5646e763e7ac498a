/** Names of ZIP entries that could never lead out of a folder. Nothing is unpacked to disk here; still none is let in. */
import type { DataFormatError } from "../../errors.js";

const longestName = 512;

/**
 * The name, if it is a plain relative path.
 *
 * @throws what `refuse` makes of the fault
 */
export function checkZipName(bytes: Uint8Array, refuse: (fault: string) => DataFormatError): string {
  if (bytes.length === 0 || bytes.length > longestName)
    throw refuse(`an entry name of ${bytes.length} bytes`);
  let name: string;
  try {
    name = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refuse("an entry name that is no UTF-8");
  }
  const isControl = [...name].some((letter) => letter < " " || letter === "\x7f");
  const leadsOut = name.split("/").some((part) => part === ".." || part === ".");
  if (isControl || leadsOut || name.includes("\\") || name.startsWith("/") || /^[A-Za-z]:/.test(name)) {
    throw refuse(`the entry name ${JSON.stringify(name)}, a path that may lead elsewhere`);
  }
  return name;
}
