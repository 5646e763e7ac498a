/** Opening recordings that a page was given, without Node. */
import { blobSource } from "./blob-file.js";
import { type EventFile, type EventFileOptions, type EventReader, readerOf } from "./event-reader.js";
import { foreignFormat } from "./foreign-format.js";
import { formatError } from "./format-error.js";
import { byteOpeners } from "./open-bytes.js";
import { recogniseContent } from "./recognise-content.js";

/** What a blob does not say about itself, its name among it. */
export interface EventBlobOptions extends EventFileOptions {
  /** For messages (default: the name of a `File`, else `recording`). */
  readonly name?: string;
}

/**
 * Opens an event recording that a page was given, such as a dropped `File`, as `openEvents` opens one at a path: AEDAT
 * 2, 3.1 and 4, DAT, EVT2, EVT3, N-MNIST and text, recognised by their content. Only the header is read; a text is
 * looked through for its unit of time.
 *
 * @param blob - read piece by piece while events are asked for
 * @param options - what the file does not say about itself
 * @throws DataFormatError if the content is of no known format or its header is damaged
 * @throws OptionError if the options contradict the file
 * @throws FileError if the blob cannot be read any more
 * @example
 * import { openEventsBlob } from "snnseg/web";
 *
 * const dropped = new Blob(["0.001 3 5 1\n0.002 4 5 0\n"]); // t x y p
 * const reader = await openEventsBlob(dropped, { sensor: { width: 8, height: 8 } });
 * for await (const { length, timestampsUs } of reader.batches()) console.log(length, timestampsUs); // 2 [1000, 2000]
 */
export async function openEventsBlob(blob: Blob, options: EventBlobOptions = {}): Promise<EventReader> {
  return readerOf(await openBlobFile(blob, options), options);
}

/** The same, with what reads on from a place. */
export async function openBlobFile(blob: Blob, options: EventBlobOptions): Promise<EventFile> {
  const source = blobSource(blob, options.name ?? nameOf(blob));
  const format = await recogniseContent(await source.open(), options);
  if (format !== undefined && format !== "hdf5") return byteOpeners[format](source, options);
  throw formatError({
    path: source.name,
    at: 0,
    expected: "an event recording (AEDAT 2, 3.1 or 4, DAT, EVT2, EVT3, N-MNIST, text `t x y p`)",
    received: format === "hdf5" ? "HDF5" : ((await foreignFormat(source)) ?? "none of these"),
    nextStep: "choose another file, or convert the recording to one of these formats",
  });
}

function nameOf(blob: Blob): string {
  return "name" in blob && typeof blob.name === "string" ? blob.name : "recording";
}
