/**
 * HDF5 in the layout of DSEC's `events.h5`: columns `events/{t,x,y,p}` of equal length. DSEC adds `t_offset` (to be
 * added to t) and `ms_to_idx` (the index of the first event of each millisecond), both in microseconds, and compresses
 * with blosc; RVT, eTraM and others who use the layout for other sensors add `events/width` and `events/height`.
 *
 * Polarities are 0/1, -1/1 or booleans. Integer times are microseconds; times with fractions are seconds.
 *
 * @see Gehrig, Aarents, Gehrig & Scaramuzza 2021, "DSEC", doi:10.1109/LRA.2021.3068942
 * @see Gehrig & Scaramuzza 2023, "Recurrent Vision Transformers for Object Detection with Event Cameras", CVPR
 */
import { type DsecColumns, dsecColumns, firstEventFrom } from "./dsec-columns.js";
import { type EventBatch, EventCollector } from "./event-batch.js";
import {
  boundsOf,
  type EventFile,
  type EventFileOptions,
  type EventReader,
  readerOf,
  type SensorSize,
} from "./event-reader.js";
import { formatError } from "./format-error.js";
import { Hdf5File } from "./hdf5-file.js";
import { SkipLog, SkippedEvents } from "./skipped-events.js";

/** The data set that marks such a file. */
export const dsecColumn = "events/t";

const eventsAtOnce = 65_536;

/** A reader that can start in the middle. */
export interface SeekableEventReader extends EventReader {
  /** Times of the first and the last event; of a file without events NaN. */
  readonly rangeUs: readonly [first: number, last: number];
  /**
   * All events with `startUs` ≤ time < `endUs`, found through the file's index, or by bisection where it has none.
   *
   * @param startUs - start in microseconds, included
   * @param endUs - end in microseconds, not included
   * @param skipped - counts what is left out
   * @throws DataFormatError as `batches`
   */
  window(startUs: number, endUs: number, skipped?: SkippedEvents): Promise<EventBatch>;
}

/**
 * Opens a recording in the layout of DSEC's `events.h5`, of which windows can be read without what lies before them.
 *
 * @param path - an HDF5 file with the columns `events/{t,x,y,p}`
 * @param options - what the file does not say about itself
 * @throws DataFormatError if a column is missing or of another length, FileError if the file cannot be read,
 * OptionError if the options contradict it
 */
export async function openDsecEvents(
  path: string,
  options: EventFileOptions = {},
): Promise<SeekableEventReader> {
  await using file = await Hdf5File.open(path);
  const columns = await dsecColumns(file, options);
  const { length, declaredEvents, offsetUs, unit, sensor, isSensorAssumed } = columns;
  const first = length > 0 ? await columns.timeUs(0) : NaN;
  const last = length > 0 ? await columns.timeUs(length - 1) : NaN;
  // Later openings need not look for what this one has found.
  const understood = { ...options, timeUnit: unit, ...(sensor === undefined ? {} : { sensor }) };
  const known: EventFile = {
    ...{ path, format: "dsec-hdf5", width: sensor?.width, height: sensor?.height, declaredEvents },
    header: {
      ...{ t_offset: `${offsetUs}`, timeUnit: unit },
      ...(isSensorAssumed ? { sensor: "assumed from the pixels" } : {}),
    },
    read: (log) => dsecEvents(path, understood, log),
  };
  return {
    ...readerOf(known, options),
    rangeUs: [first, last],
    window: (startUs, endUs, skipped = new SkippedEvents()) =>
      dsecWindow(path, { startUs, endUs, options: understood, skipped }),
  };
}

async function* dsecEvents(
  path: string,
  options: EventFileOptions,
  log: SkipLog,
): AsyncGenerator<EventBatch> {
  await using file = await Hdf5File.open(path);
  const columns = await dsecColumns(file, options);
  for (let start = 0; start < columns.length; start += eventsAtOnce) {
    yield await someEvents(columns, { start, end: Math.min(columns.length, start + eventsAtOnce), log });
  }
  const { length, declaredEvents } = columns;
  if (length < declaredEvents) {
    const fault = { expected: `${declaredEvents} events`, received: "the end of a file that was cut off" };
    log.skip("missing-events", () => ({ at: `events[${length}]`, ...fault }), declaredEvents - length);
  }
}

async function someEvents(
  columns: DsecColumns,
  { start, end, log }: { readonly start: number; readonly end: number; readonly log: SkipLog },
): Promise<EventBatch> {
  const timesUs = await columns.timesUs(start, end);
  const x = await columns.x.numbers(start, end);
  const y = await columns.y.numbers(start, end);
  const p = await columns.p.numbers(start, end);
  const size = boundsOf({ width: columns.sensor?.width, height: columns.sensor?.height });
  const { width, height } = size;
  const events = new EventCollector(end - start);
  for (let i = 0; i < end - start; i++) {
    const timeUs = timesUs[i]!;
    const column = x[i]!;
    const row = y[i]!;
    const polarity = p[i]!;
    const isInside = column >= 0 && column < width && row >= 0 && row < height;
    const isKnown = polarity === 0 || polarity === 1 || polarity === -1;
    if (isInside && isKnown && Number.isSafeInteger(timeUs)) {
      events.push(timeUs, column, row, polarity === 1 ? 1 : 0);
    } else {
      skipEvent(log, { at: start + i, isInside, isKnown, timeUs, column, row, polarity, size });
    }
  }
  return events.take();
}

interface Unusable {
  readonly at: number;
  readonly isInside: boolean;
  readonly isKnown: boolean;
  readonly timeUs: number;
  readonly column: number;
  readonly row: number;
  readonly polarity: number;
  readonly size: SensorSize;
}

// Apart, as closures in the loop would cost every event an allocation.
function skipEvent(log: SkipLog, event: Unusable): void {
  const { isInside, isKnown, timeUs, column, row, polarity, size } = event;
  const at = `events[${event.at}]`;
  if (!isInside) log.outside(column, row, { at: () => at, ...size });
  else if (!isKnown) {
    const received = `polarity ${polarity}`;
    log.skip("no-polarity", () => ({ at, expected: "polarity 0 or 1, or -1 or 1", received }));
  } else {
    log.skip("no-time", () => ({ at, expected: "a time below 2^53 us", received: `${timeUs} us` }));
  }
}

interface Window {
  readonly startUs: number;
  readonly endUs: number;
  readonly options: EventFileOptions;
  readonly skipped: SkippedEvents;
}

async function dsecWindow(path: string, { startUs, endUs, options, skipped }: Window): Promise<EventBatch> {
  await using file = await Hdf5File.open(path);
  const columns = await dsecColumns(file, options);
  const log = new SkipLog(path, { strict: options.strict ?? false, skipped });
  const first = await firstEventFrom(columns, startUs);
  // The index has whole milliseconds: the one after the window's last is the first that is surely behind it.
  const last = await firstEventFrom(columns, endUs + 1000);
  if (first > last) {
    const received = `${first} before ${last}`;
    throw formatError({ path, at: "ms_to_idx", expected: "rising indices", received });
  }
  const events = new EventCollector();
  for (let start = first; start < last; start += eventsAtOnce) {
    const batch = await someEvents(columns, { start, end: Math.min(last, start + eventsAtOnce), log });
    for (let i = 0; i < batch.length; i++) {
      const timeUs = batch.timestampsUs[i]!;
      if (timeUs >= startUs && timeUs < endUs) {
        events.push(timeUs, batch.x[i]!, batch.y[i]!, batch.polarity[i]!);
      }
    }
  }
  return events.take();
}
