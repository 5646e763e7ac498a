/** What every format's reader offers, whatever the file looks like inside. */
import type { EventBatch } from "./event-batch.js";

/** Formats that {@link openEvents} recognises. */
export type EventFormat =
  | "aedat2"
  | "aedat4"
  | "ddd17-hdf5"
  | "dsec-hdf5"
  | "dat"
  | "evt2"
  | "evt3"
  | "nmnist"
  | "text";

/**
 * An event recording. Opening reads the header only; `batches()` reads the file from its first event in pieces of
 * bounded size and may be called any number of times, each with a file handle of its own.
 */
export interface EventReader {
  readonly path: string;
  readonly format: EventFormat;
  /** Sensor width in pixels, where the file or its format states it; events beyond it are a format error. */
  readonly width: number | undefined;
  /** Sensor height in pixels, where the file or its format states it. */
  readonly height: number | undefined;
  /** The number of events that the header, an index or the size of the file states. */
  readonly declaredEvents: number | undefined;
  /** What else the header says, as text. */
  readonly header: Readonly<Record<string, string>>;
  /** @throws DataFormatError naming file and byte (or record) at the first content that breaks the format */
  batches(): AsyncIterable<EventBatch>;
}
