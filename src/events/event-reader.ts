/** What every format's reader offers, whatever the file looks like inside. */
import { OptionError } from "../errors.js";
import type { EventBatch } from "./event-batch.js";
import { SkipLog, SkippedEvents } from "./skipped-events.js";
import type { TimeUnit } from "./time-unit.js";

/** Formats that {@link openEvents} recognises. */
export type EventFormat =
  | "aedat2"
  | "aedat3"
  | "aedat4"
  | "ddd17-hdf5"
  | "dsec-hdf5"
  | "dat"
  | "evt2"
  | "evt3"
  | "nmnist"
  | "text";

/** What files do not say about themselves, and what to do where they break their format. */
export interface EventFileOptions {
  /** Unit of the times of text and HDF5; by default found from the file as a whole. */
  readonly timeUnit?: TimeUnit;
  /** Columns of text in their order, such as `xytp`, with `-` for one to leave out; by default found from the file. */
  readonly columns?: string;
  /** The sensor of files that do not state theirs. */
  readonly sensor?: SensorSize;
  /** Refuse a recording at the first content that breaks its format, instead of leaving that out; default false. */
  readonly strict?: boolean;
}

/** Size of an event camera's sensor in pixels. */
export interface SensorSize {
  /** Columns; events have x below it. */
  readonly width: number;
  /** Rows; events have y below it. */
  readonly height: number;
}

/** What the events of a file are read with: where they start, and whose pixels count. */
export interface EventReading extends SensorSize {
  /** In bytes. */
  readonly start: number;
}

/**
 * Reads the events of a file from some place to its end.
 *
 * @param log - told what cannot be used
 * @param mark - told before each batch how to read on after it; formats that can only be read from the start leave that out
 */
export type ReadEvents = (log: SkipLog, mark?: (rest: ReadEvents) => void) => AsyncGenerator<EventBatch>;

/** As far as a size is known. */
export interface KnownSize {
  readonly width: number | undefined;
  readonly height: number | undefined;
}

/** What is known of a recording before its events are read. */
export interface EventFileHead {
  /** As it was opened. */
  readonly path: string;
  /** What the file's content was recognised as. */
  readonly format: EventFormat;
  /** Sensor width in pixels, where the file, its format or the options state it; events beyond it are left out. */
  readonly width: number | undefined;
  /** Sensor height in pixels. */
  readonly height: number | undefined;
  /** The number of events that the header, an index or the size of the file states. */
  readonly declaredEvents: number | undefined;
  /** What else the header says, and how the file is understood, as text. */
  readonly header: Readonly<Record<string, string>>;
}

/**
 * An event recording. Opening reads the header only (a text's unit of time needs a look through it); `batches()` reads
 * the file from its first event in pieces of bounded size and may be called any number of times, each with a file
 * handle of its own.
 */
export interface EventReader extends EventFileHead {
  /**
   * @param skipped - counts what this pass leaves out: events outside the sensor, reserved words, a cut end …
   * @throws DataFormatError naming file and place where nothing usable remains, or at the first content that breaks
   * the format if the reader is strict
   */
  batches(skipped?: SkippedEvents): AsyncIterable<EventBatch>;
}

/** A format's own part of a reader. */
export interface EventFile extends EventFileHead {
  readonly read: ReadEvents;
}

/** The reader of a file. */
export function readerOf({ read, ...head }: EventFile, { strict = false }: EventFileOptions): EventReader {
  return {
    ...head,
    async *batches(skipped = new SkippedEvents()) {
      const log = new SkipLog(head.path, { strict, skipped });
      let events = 0;
      for await (const batch of read(log)) {
        events += batch.length;
        yield batch;
      }
      log.checkSomeLeft(events);
    },
  };
}

/**
 * The sensor that the file states, else that of the options.
 *
 * @throws OptionError if they contradict each other
 */
export function sensorOf(path: string, stated: Partial<SensorSize>, { sensor }: EventFileOptions): KnownSize {
  const { width, height } = stated;
  const contradicts =
    sensor !== undefined &&
    ((width ?? sensor.width) !== sensor.width || (height ?? sensor.height) !== sensor.height);
  if (contradicts) {
    throw new OptionError(
      `read events: ${path}: expected a sensor of ${width ?? "any"}x${height ?? "any"}, as the file states, received ${sensor.width}x${sensor.height}; leave --sensor out`,
    );
  }
  return { width: width ?? sensor?.width, height: height ?? sensor?.height };
}

/** What pixels must lie within; those of a sensor of unknown size fit a column of events. */
export function boundsOf({ width = 65536, height = 65536 }: KnownSize): SensorSize {
  return { width, height };
}
