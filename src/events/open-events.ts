/** Opening a recording of any known format, recognised by what the file holds and not by its name. */
import { openAedat2 } from "./aedat2.js";
import { openAedat3 } from "./aedat3.js";
import { aedat4Magic, openAedat4 } from "./aedat4.js";
import { ByteFile } from "./byte-file.js";
import { openDat } from "./dat.js";
import { ddd17Column, openDdd17Events } from "./ddd17-hdf5.js";
import { dsecColumn, openDsecEvents } from "./dsec-hdf5.js";
import {
  type EventFile,
  type EventFileOptions,
  type EventFormat,
  type EventReader,
  readerOf,
} from "./event-reader.js";
import { openEvt2 } from "./evt2.js";
import { openEvt3 } from "./evt3.js";
import { foreignFormat } from "./foreign-format.js";
import { formatError } from "./format-error.js";
import { Hdf5File, hdf5Magic } from "./hdf5-file.js";
import { nmnistEventBytes, openNmnist } from "./nmnist.js";
import { readPropheseeHeader } from "./prophesee-header.js";
import { openTextEvents } from "./text-events.js";
import { looksLikeEventText, textHeadBytes } from "./text-layout.js";

/** N-MNIST files last 0.3 s; its markless records are taken for one only if their times say so. */
const nmnistRecordsTried = 64;

const openers: Readonly<
  Record<Exclude<EventFormat, "dsec-hdf5">, (path: string, options: EventFileOptions) => Promise<EventFile>>
> = {
  aedat2: openAedat2,
  aedat3: openAedat3,
  aedat4: openAedat4,
  "ddd17-hdf5": openDdd17Events,
  dat: openDat,
  evt2: openEvt2,
  evt3: openEvt3,
  nmnist: openNmnist,
  text: openTextEvents,
};

/**
 * Opens an event recording. Only its header is read; a text is looked through for its unit of time.
 *
 * @param path - a file of any name; its content says the format
 * @param options - what the file does not say about itself
 * @throws DataFormatError if the content is of no known format or its header is damaged
 * @throws OptionError if the options contradict the file
 * @throws FileError if the file cannot be read
 * @example
 * import { writeFile } from "node:fs/promises";
 * import { openEvents } from "snnseg/events";
 *
 * await writeFile("events.txt", "0.001 3 5 1\n0.002 4 5 0\n"); // t x y p
 * const reader = await openEvents("events.txt", { sensor: { width: 8, height: 8 } });
 * for await (const { length, timestampsUs } of reader.batches()) console.log(length, timestampsUs); // 2 [1000, 2000]
 */
export async function openEvents(path: string, options: EventFileOptions = {}): Promise<EventReader> {
  const format = await recogniseEvents(path, options);
  if (format === "dsec-hdf5") return openDsecEvents(path, options);
  if (format !== undefined) return readerOf(await openers[format](path, options), options);
  throw formatError({
    path,
    at: 0,
    expected:
      "an event recording (AEDAT 2, 3.1 or 4, DDD17 or DSEC HDF5, DAT, EVT2, EVT3, N-MNIST, text `t x y p`)",
    received: (await foreignFormat(path)) ?? "none of these",
    nextStep: "check the path, or convert the recording to one of these formats",
  });
}

/**
 * The format of a file, or undefined if it is no event recording we know.
 *
 * @param path - a file of any name
 * @param options - what a text does not say about itself
 * @param options.columns - of a text whose columns do not show what they are
 * @throws FileError if the file cannot be read
 */
export async function recogniseEvents(
  path: string,
  options: Pick<EventFileOptions, "columns"> = {},
): Promise<EventFormat | undefined> {
  await using file = await ByteFile.open(path);
  const start = await file.read(0, textHeadBytes);
  const text = start.toString("latin1", 0, 16);
  if (text.startsWith(aedat4Magic)) return "aedat4";
  if (text.startsWith("#!AER-DAT3.1")) return "aedat3";
  if (text.startsWith("#!AER-DAT2.0")) return "aedat2";
  if (text.startsWith(hdf5Magic)) return await recogniseHdf5(path);
  if (text.startsWith("% ")) {
    const { evt } = await readPropheseeHeader(file);
    if (evt === "2.0") return "evt2";
    return evt === "3.0" ? "evt3" : evt === undefined ? "dat" : undefined;
  }
  if (looksLikeEventText(start, options)) return "text";
  return looksLikeNmnist(start, file.size) ? "nmnist" : undefined;
}

async function recogniseHdf5(path: string): Promise<EventFormat | undefined> {
  await using file = await Hdf5File.open(path);
  if (await file.column(ddd17Column)) return "ddd17-hdf5";
  return (await file.column(dsecColumn)) ? "dsec-hdf5" : undefined;
}

/** No text, whose times never fall (a fall without the overflow record means another format) but rise somewhere. */
function looksLikeNmnist(start: Buffer, size: number): boolean {
  const tried = Math.min(start.length, nmnistRecordsTried * nmnistEventBytes);
  // A file that was cut off is still one, if enough of it is left to tell.
  if (size === 0 || (size % nmnistEventBytes !== 0 && tried < nmnistRecordsTried * nmnistEventBytes))
    return false;
  if (/^[\s\x20-\x7e]*$/.test(start.toString("latin1", 0, 4096))) return false;
  let [last, rises] = [0, false];
  for (let i = 0; i <= tried - nmnistEventBytes; i += nmnistEventBytes) {
    const time = start.readUIntBE(i + 2, 3) & 0x7fffff;
    if (time < last && start[i + 1] !== 240) return false;
    rises ||= time > last;
    last = start[i + 1] === 240 ? 0 : time;
  }
  return rises || size % nmnistEventBytes === 0;
}
