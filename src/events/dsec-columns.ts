/** The columns of HDF5 in DSEC's layout, and what they say about unit, sensor and index. */
import { sampleEvents, sensorOfPixels, statedSensor } from "./dsec-sensor.js";
import { type EventFileOptions, type SensorSize, sensorOf } from "./event-reader.js";
import { formatError } from "./format-error.js";
import { rowsLeft } from "./hdf5-cut.js";
import type { Hdf5Column, Hdf5File } from "./hdf5-file.js";
import { type TimeUnit, toMicroseconds, usualUnit } from "./time-unit.js";

/** The columns of an open file, and how they are to be understood. */
export interface DsecColumns {
  readonly path: string;
  /** Events that can be read: all, unless the file was cut off. */
  readonly length: number;
  readonly declaredEvents: number;
  readonly unit: TimeUnit;
  /** What is added to every time. */
  readonly offsetUs: number;
  readonly sensor: SensorSize | undefined;
  /** The file does not state its sensor: it was found from the pixels that occur. */
  readonly isSensorAssumed: boolean;
  readonly x: Hdf5Column;
  readonly y: Hdf5Column;
  readonly p: Hdf5Column;
  /** DSEC's index by milliseconds. */
  readonly index: Hdf5Column | undefined;
  timesUs(start: number, end: number): Promise<Float64Array>;
  timeUs(event: number): Promise<number>;
}

/** @throws DataFormatError if a column is missing or of another length; OptionError if the sensor is another */
export async function dsecColumns(file: Hdf5File, options: EventFileOptions): Promise<DsecColumns> {
  const [t, x, y, p] = [
    await wholeColumn(file, "events/t"),
    await wholeColumn(file, "events/x"),
    await wholeColumn(file, "events/y"),
    await wholeColumn(file, "events/p"),
  ];
  const { path } = file;
  const declaredEvents = t.shape[0]!;
  if ([x, y, p].some((column) => column.shape[0] !== declaredEvents)) {
    throw formatError({
      path,
      at: "events",
      expected: `four columns of ${declaredEvents} events`,
      received: `x ${x.shape[0]}, y ${y.shape[0]}, p ${p.shape[0]}`,
    });
  }
  const readRow = async (row: number) => {
    for (const column of [t, x, y, p]) await column.numbers(row, row + 1);
  };
  const length = file.isCut ? await rowsLeft(declaredEvents, readRow) : declaredEvents;
  const unit = options.timeUnit ?? (await unitOf(t, length));
  const convert = toMicroseconds[unit];
  const offsetUs = convert((await (await file.column("t_offset"))?.scalar()) ?? 0);
  const stated = await statedSensor(file);
  const known = stated ?? options.sensor;
  if (stated !== undefined) sensorOf(path, stated, options);
  const timesUs = async (start: number, end: number) => {
    const times = await t.numbers(start, end);
    const converted = new Float64Array(times.length);
    for (let i = 0; i < times.length; i++) converted[i] = convert(times[i]!) + offsetUs;
    return converted;
  };
  return {
    ...{ path, length, declaredEvents, unit, offsetUs, x, y, p, timesUs },
    sensor: known ?? (await sensorOfPixels({ x, y, length })),
    isSensorAssumed: known === undefined,
    index: file.isCut ? undefined : await file.column("ms_to_idx"),
    timeUs: async (event) => (await timesUs(event, event + 1))[0]!,
  };
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

/** From the first and the last events: in a file of seconds some of them have a fraction. */
async function unitOf(t: Hdf5Column, length: number): Promise<TimeUnit> {
  if (length === 0) return "us";
  const starts = t.isFloat ? [0, Math.max(0, length - sampleEvents)] : [length - 1];
  let [hasFraction, largest] = [false, 0];
  for (const start of starts) {
    for (const time of await t.numbers(start, Math.min(length, start + sampleEvents))) {
      if (time > largest) largest = time;
      if (!Number.isInteger(time)) hasFraction = true;
    }
  }
  return usualUnit({ hasFraction, largest });
}

/** The first event at or after a time, or up to a millisecond before it. */
export async function firstEventFrom(columns: DsecColumns, timeUs: number): Promise<number> {
  const { index, length, path, offsetUs, unit } = columns;
  if (index === undefined || index.shape.length !== 1 || unit !== "us") return bisect(columns, timeUs);
  const ms = Math.max(0, Math.floor((timeUs - offsetUs) / 1000));
  if (ms >= index.shape[0]!) return length;
  const event = (await index.numbers(ms, ms + 1))[0]!;
  if (event >= 0 && event <= length) return event;
  throw formatError({
    path,
    at: `ms_to_idx[${ms}]`,
    expected: `an index up to ${length}`,
    received: `${event}`,
  });
}

async function bisect({ length, timeUs: timeOf }: DsecColumns, timeUs: number): Promise<number> {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((await timeOf(middle)) < timeUs) low = middle + 1;
    else high = middle;
  }
  return low;
}
