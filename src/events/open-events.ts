/** Opening a recording of any known format, recognised by what the file holds and not by its name. */
import { ddd17Column, openDdd17Events } from "./ddd17-hdf5.js";
import { dsecColumn, openDsecEvents } from "./dsec-hdf5.js";
import { type EventFileOptions, type EventFormat, type EventReader, readerOf } from "./event-reader.js";
import { foreignFormat } from "./foreign-format.js";
import { formatError } from "./format-error.js";
import { Hdf5File } from "./hdf5-file.js";
import { nodeSource } from "./node-file.js";
import { byteOpeners } from "./open-bytes.js";
import { recogniseContent } from "./recognise-content.js";

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
  if (format === "ddd17-hdf5") return readerOf(await openDdd17Events(path, options), options);
  const source = nodeSource(path);
  if (format !== undefined) return readerOf(await byteOpeners[format](source, options), options);
  throw formatError({
    path,
    at: 0,
    expected:
      "an event recording (AEDAT 2, 3.1 or 4, DDD17 or DSEC HDF5, DAT, EVT2, EVT3, N-MNIST, text `t x y p`)",
    received: (await foreignFormat(source)) ?? "none of these",
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
  await using file = await nodeSource(path).open();
  const format = await recogniseContent(file, options);
  return format === "hdf5" ? await recogniseHdf5(path) : format;
}

async function recogniseHdf5(path: string): Promise<EventFormat | undefined> {
  await using file = await Hdf5File.open(path);
  if (await file.column(ddd17Column)) return "ddd17-hdf5";
  return (await file.column(dsecColumn)) ? "dsec-hdf5" : undefined;
}
