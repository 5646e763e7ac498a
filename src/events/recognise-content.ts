/** What a file holds, as its first bytes say, whatever it is called. */
import { aedat4Magic } from "./aedat4.js";
import { type ByteFile, viewOf } from "./byte-file.js";
import type { EventFileOptions, EventFormat } from "./event-reader.js";
import { latin1Text } from "./latin1.js";
import { lastThreeBytes, nmnistEventBytes } from "./nmnist.js";
import { readPropheseeHeader } from "./prophesee-header.js";
import { looksLikeEventText, textHeadBytes } from "./text-layout.js";

/** What every HDF5 file starts with, as latin1. */
export const hdf5Magic = "\x89HDF\r\n\x1a\n";

/** N-MNIST files last 0.3 s; its markless records are taken for one only if their times say so. */
const nmnistRecordsTried = 64;

/** Formats that are read byte by byte, and so from anything that has bytes. */
export type ByteFormat = Exclude<EventFormat, "ddd17-hdf5" | "dsec-hdf5">;

/** The format, `"hdf5"` whatever columns it has, or undefined if it is no event recording we know. */
export async function recogniseContent(
  file: ByteFile,
  options: Pick<EventFileOptions, "columns">,
): Promise<ByteFormat | "hdf5" | undefined> {
  const start = await file.read(0, textHeadBytes);
  const text = latin1Text(start, 0, 16);
  if (text.startsWith(aedat4Magic)) return "aedat4";
  if (text.startsWith("#!AER-DAT3.1")) return "aedat3";
  if (text.startsWith("#!AER-DAT2.0")) return "aedat2";
  if (text.startsWith(hdf5Magic)) return "hdf5";
  if (text.startsWith("% ")) {
    const { evt } = await readPropheseeHeader(file);
    if (evt === "2.0") return "evt2";
    return evt === "3.0" ? "evt3" : evt === undefined ? "dat" : undefined;
  }
  if (looksLikeEventText(start, options)) return "text";
  return looksLikeNmnist(start, file.size) ? "nmnist" : undefined;
}

/** No text, whose times never fall (a fall without the overflow record means another format) but rise somewhere. */
function looksLikeNmnist(start: Uint8Array, size: number): boolean {
  const tried = Math.min(start.length, nmnistRecordsTried * nmnistEventBytes);
  // A file that was cut off is still one, if enough of it is left to tell.
  if (size === 0 || (size % nmnistEventBytes !== 0 && tried < nmnistRecordsTried * nmnistEventBytes))
    return false;
  if (/^[\s\x20-\x7e]*$/.test(latin1Text(start, 0, 4096))) return false;
  const view = viewOf(start);
  let [last, rises] = [0, false];
  for (let i = 0; i <= tried - nmnistEventBytes; i += nmnistEventBytes) {
    const time = lastThreeBytes(view, i) & 0x7fffff;
    if (time < last && start[i + 1] !== 240) return false;
    rises ||= time > last;
    last = start[i + 1] === 240 ? 0 : time;
  }
  return rises || size % nmnistEventBytes === 0;
}
