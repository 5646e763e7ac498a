/**
 * DSEC's `events.h5`: columns `events/{t,x,y,p}` of equal length, `t_offset` (microseconds to add to t) and
 * `ms_to_idx` (the index of the first event of each millisecond), compressed with blosc.
 *
 * @see Gehrig, Aarents, Gehrig & Scaramuzza 2021, "DSEC", doi:10.1109/LRA.2021.3068942
 */
import { type EventBatch, EventCollector } from "./event-batch.js";
import type { EventReader } from "./event-reader.js";
import { checkPixel, formatError } from "./format-error.js";
import { type Hdf5Column, Hdf5File } from "./hdf5-file.js";

/** The data set that marks such a file. */
export const dsecColumn = "events/t";

/** The sensor of all its recordings. */
const width = 640;
const height = 480;
const eventsAtOnce = 65_536;

/** A reader that can start in the middle. */
export interface SeekableEventReader extends EventReader {
  /** All events with `startUs` ≤ time < `endUs`, found through the file's index. */
  window(startUs: number, endUs: number): Promise<EventBatch>;
}

/** @throws DataFormatError if a column is missing or of another length; FileError */
export async function openDsec(path: string): Promise<SeekableEventReader> {
  using file = await Hdf5File.open(path);
  const { length: declaredEvents, offsetUs } = dsecColumns(file);
  const reader = { path, format: "dsec-hdf5", width, height, declaredEvents } as const;
  return {
    ...reader,
    header: { t_offset: `${offsetUs}` },
    batches: () => dsecBatches(path),
    window: (startUs, endUs) => dsecWindow(path, startUs, endUs),
  };
}

interface DsecColumns {
  readonly path: string;
  readonly length: number;
  readonly offsetUs: number;
  readonly t: Hdf5Column;
  readonly x: Hdf5Column;
  readonly y: Hdf5Column;
  readonly p: Hdf5Column;
}

function dsecColumns(file: Hdf5File): DsecColumns {
  const [t, x, y, p] = ["t", "x", "y", "p"].map((name) => wholeColumn(file, `events/${name}`)) as [
    Hdf5Column,
    Hdf5Column,
    Hdf5Column,
    Hdf5Column,
  ];
  const length = t.shape[0]!;
  if ([x, y, p].some((column) => column.shape[0] !== length)) {
    throw formatError({
      path: file.path,
      at: "events",
      expected: `four columns of ${length} events`,
      received: `x ${x.shape[0]}, y ${y.shape[0]}, p ${p.shape[0]}`,
    });
  }
  const offsetUs = file.column("t_offset")?.scalar() ?? 0;
  return { path: file.path, length, offsetUs, t, x, y, p };
}

function wholeColumn(file: Hdf5File, name: string): Hdf5Column {
  const column = file.column(name);
  if (column?.shape.length === 1) return column;
  throw formatError({
    path: file.path,
    at: name,
    expected: "a data set with one dimension",
    received: column ? `shape [${column.shape}]` : "none",
  });
}

async function* dsecBatches(path: string): AsyncGenerator<EventBatch> {
  using file = await Hdf5File.open(path);
  const columns = dsecColumns(file);
  for (let start = 0; start < columns.length; start += eventsAtOnce) {
    yield dsecEvents(columns, start, Math.min(columns.length, start + eventsAtOnce));
  }
}

function dsecEvents({ path, offsetUs, ...columns }: DsecColumns, start: number, end: number): EventBatch {
  const [t, x, y, p] = (["t", "x", "y", "p"] as const).map((name) => columns[name].numbers(start, end)) as [
    ArrayLike<number>,
    ArrayLike<number>,
    ArrayLike<number>,
    ArrayLike<number>,
  ];
  const events = new EventCollector(end - start);
  for (let i = 0; i < end - start; i++) {
    const at = `events[${start + i}]`;
    checkPixel(x[i]!, y[i]!, { path, at, width, height });
    if (p[i] !== 0 && p[i] !== 1) {
      throw formatError({ path, at, expected: "polarity 0 or 1", received: `${p[i]}` });
    }
    events.push(t[i]! + offsetUs, x[i]!, y[i]!, p[i]!);
  }
  return events.take();
}

async function dsecWindow(path: string, startUs: number, endUs: number): Promise<EventBatch> {
  using file = await Hdf5File.open(path);
  const columns = dsecColumns(file);
  const index = file.column("ms_to_idx");
  const indexed = (timeUs: number, beyond: number): number => {
    const ms = Math.floor((timeUs - columns.offsetUs) / 1000);
    if (index === undefined || ms < 0) return ms < 0 ? 0 : beyond;
    return ms < index.shape[0]! ? index.numbers(ms, ms + 1)[0]! : beyond;
  };
  const first = index === undefined ? 0 : indexed(startUs, columns.length);
  const last = indexed(endUs + 1000, columns.length);
  if (first > last || last > columns.length) {
    throw formatError({
      path,
      at: "ms_to_idx",
      expected: `rising indices up to ${columns.length}`,
      received: `${first} before ${last}`,
    });
  }
  const events = new EventCollector();
  for (let start = first; start < last; start += eventsAtOnce) {
    const batch = dsecEvents(columns, start, Math.min(last, start + eventsAtOnce));
    for (let i = 0; i < batch.length; i++) {
      const timeUs = batch.timestampsUs[i]!;
      if (timeUs >= startUs && timeUs < endUs) {
        events.push(timeUs, batch.x[i]!, batch.y[i]!, batch.polarity[i]!);
      }
    }
  }
  return events.take();
}
