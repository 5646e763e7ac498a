/** Opening a recording of any known format, recognised by what the file holds and not by its name. */
import { openAedat2 } from "./aedat2.js";
import { aedat4Magic, openAedat4 } from "./aedat4.js";
import { ByteFile } from "./byte-file.js";
import { openDat } from "./dat.js";
import { ddd17Column, openDdd17 } from "./ddd17-hdf5.js";
import { dsecColumn, openDsec } from "./dsec-hdf5.js";
import type { EventFormat, EventReader } from "./event-reader.js";
import { openEvt2 } from "./evt2.js";
import { openEvt3 } from "./evt3.js";
import { formatError } from "./format-error.js";
import { Hdf5File, hdf5Magic } from "./hdf5-file.js";
import { nmnistEventBytes, openNmnist } from "./nmnist.js";
import { readPropheseeHeader } from "./prophesee-header.js";
import { looksLikeEventText, openTextEvents } from "./text-events.js";

/** N-MNIST files last 0.3 s; its markless records are taken for one only if their times say so. */
const nmnistRecordsTried = 64;

const openers: Readonly<Record<EventFormat, (path: string) => Promise<EventReader>>> = {
  aedat2: openAedat2,
  aedat4: openAedat4,
  "ddd17-hdf5": openDdd17,
  "dsec-hdf5": openDsec,
  dat: openDat,
  evt2: openEvt2,
  evt3: openEvt3,
  nmnist: openNmnist,
  text: openTextEvents,
};

/**
 * Opens an event recording. Only its header is read.
 *
 * @throws DataFormatError if the content is of no known format or its header is damaged
 * @throws FileError if the file cannot be read
 */
export async function openEvents(path: string): Promise<EventReader> {
  const format = await recogniseEvents(path);
  if (format !== undefined) return openers[format](path);
  throw formatError({
    path,
    at: 0,
    expected:
      "an event recording (AEDAT 2 or 4, DDD17 or DSEC HDF5, DAT, EVT2, EVT3, N-MNIST, text `t x y p`)",
    received: "none of these",
    nextStep: "check the path, or convert the recording to one of these formats",
  });
}

/** The format of a file, or undefined if it is no event recording we know. */
export async function recogniseEvents(path: string): Promise<EventFormat | undefined> {
  await using file = await ByteFile.open(path);
  const start = await file.read(0, 4096);
  const text = start.toString("latin1");
  if (text.startsWith(aedat4Magic)) return "aedat4";
  if (text.startsWith("#!AER-DAT2.0")) return "aedat2";
  if (text.startsWith(hdf5Magic)) return await recogniseHdf5(path);
  if (text.startsWith("% ")) {
    const { evt } = await readPropheseeHeader(file);
    if (evt === "2.0") return "evt2";
    return evt === "3.0" ? "evt3" : evt === undefined ? "dat" : undefined;
  }
  if (looksLikeEventText(text)) return "text";
  return looksLikeNmnist(start, file.size) ? "nmnist" : undefined;
}

async function recogniseHdf5(path: string): Promise<EventFormat | undefined> {
  await using file = await Hdf5File.open(path);
  if (await file.column(ddd17Column)) return "ddd17-hdf5";
  return (await file.column(dsecColumn)) ? "dsec-hdf5" : undefined;
}

/** Whole records, no text, whose times never fall (a fall without the overflow record means another format). */
function looksLikeNmnist(start: Buffer, size: number): boolean {
  if (size === 0 || size % nmnistEventBytes !== 0) return false;
  if (/^[\s\x20-\x7e]*$/.test(start.toString("latin1"))) return false;
  let last = 0;
  for (
    let i = 0;
    i < Math.min(start.length - 4, nmnistRecordsTried * nmnistEventBytes);
    i += nmnistEventBytes
  ) {
    const time = start.readUIntBE(i + 2, 3) & 0x7fffff;
    if (time < last && start[i + 1] !== 240) return false;
    last = start[i + 1] === 240 ? 0 : time;
  }
  return true;
}
