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
  await using file = await Hdf5File.open(path);
  const { length: declaredEvents, offsetUs } = await dsecColumns(file);
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

async function dsecColumns(file: Hdf5File): Promise<DsecColumns> {
  const [t, x, y, p] = [
    await wholeColumn(file, "events/t"),
    await wholeColumn(file, "events/x"),
    await wholeColumn(file, "events/y"),
    await wholeColumn(file, "events/p"),
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
  const offsetUs = (await (await file.column("t_offset"))?.scalar()) ?? 0;
  return { path: file.path, length, offsetUs, t, x, y, p };
}

async function wholeColumn(file: Hdf5File, name: string): Promise<Hdf5Column> {
  const column = await file.column(name);
  if (column?.shape.length === 1) return column;
  throw formatError({
    path: file.path,
    at: name,
    expected: "a data set with one dimension",
    received: column ? `shape [${column.shape}]` : "none",
  });
}

async function* dsecBatches(path: string): AsyncGenerator<EventBatch> {
  await using file = await Hdf5File.open(path);
  const columns = await dsecColumns(file);
  for (let start = 0; start < columns.length; start += eventsAtOnce) {
    yield await dsecEvents(columns, start, Math.min(columns.length, start + eventsAtOnce));
  }
}

async function dsecEvents(columns: DsecColumns, start: number, end: number): Promise<EventBatch> {
  const { path, offsetUs } = columns;
  const t = await columns.t.numbers(start, end);
  const x = await columns.x.numbers(start, end);
  const y = await columns.y.numbers(start, end);
  const p = await columns.p.numbers(start, end);
  const events = new EventCollector(end - start);
  for (let i = 0; i < end - start; i++) {
    const at = () => `events[${start + i}]`;
    checkPixel(x[i]!, y[i]!, { path, at, width, height });
    if (p[i] !== 0 && p[i] !== 1) {
      throw formatError({ path, at: at(), expected: "polarity 0 or 1", received: `${p[i]}` });
    }
    events.push(t[i]! + offsetUs, x[i]!, y[i]!, p[i]!);
  }
  return events.take();
}

async function dsecWindow(path: string, startUs: number, endUs: number): Promise<EventBatch> {
  await using file = await Hdf5File.open(path);
  const columns = await dsecColumns(file);
  const first = await indexedEvent(columns, file, startUs);
  // The index has whole milliseconds: the one after the window's last is the first that is surely behind it.
  const last = await indexedEvent(columns, file, endUs + 1000);
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
    const batch = await dsecEvents(columns, start, Math.min(last, start + eventsAtOnce));
    for (let i = 0; i < batch.length; i++) {
      const timeUs = batch.timestampsUs[i]!;
      if (timeUs >= startUs && timeUs < endUs) {
        events.push(timeUs, batch.x[i]!, batch.y[i]!, batch.polarity[i]!);
      }
    }
  }
  return events.take();
}

/** The first event of the millisecond of a time, through the file's index; the columns' end for times beyond it. */
async function indexedEvent(
  { offsetUs, length }: DsecColumns,
  file: Hdf5File,
  timeUs: number,
): Promise<number> {
  const index = await wholeColumn(file, "ms_to_idx");
  const ms = Math.max(0, Math.floor((timeUs - offsetUs) / 1000));
  return ms < index.shape[0]! ? (await index.numbers(ms, ms + 1))[0]! : length;
}
