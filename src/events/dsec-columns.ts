/** The columns of HDF5 in DSEC's layout, and what they say about unit, sensor and index. */
import { type EventFileOptions, type SensorSize, sensorOf } from "./event-reader.js";
import { formatError } from "./format-error.js";
import { type Hdf5Column, type Hdf5File, rowsLeft } from "./hdf5-file.js";
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

/** Sensors of files that state none, smallest first: DSEC's, and that of Prophesee's Gen 4. */
const usualSensors: readonly SensorSize[] = [
  { width: 640, height: 480 },
  { width: 1280, height: 720 },
];
/** A sensor is too small if more than this share of the pixels lies outside; less is damage. */
const mostOutside = 0.01;
const [samples, sampleEvents] = [16, 4096];

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

async function statedSensor(file: Hdf5File): Promise<SensorSize | undefined> {
  const width = await (await file.column("events/width"))?.scalar();
  const height = await (await file.column("events/height"))?.scalar();
  return width !== undefined && height !== undefined && width >= 1 && height >= 1
    ? { width, height }
    : undefined;
}

/** The smallest usual sensor that has the pixels of evenly spread samples, but for a few. */
async function sensorOfPixels({
  x,
  y,
  length,
}: Pick<DsecColumns, "x" | "y" | "length">): Promise<SensorSize | undefined> {
  const outside = usualSensors.map(() => 0);
  let all = 0;
  for (let i = 0; i < samples; i++) {
    const start = Math.floor((Math.max(0, length - sampleEvents) * i) / (samples - 1));
    const end = Math.min(length, start + sampleEvents);
    const [columns, rows] = [await x.numbers(start, end), await y.numbers(start, end)];
    all += columns.length;
    usualSensors.forEach(({ width, height }, k) => {
      for (let n = 0; n < columns.length; n++) {
        if (columns[n]! >= width || rows[n]! >= height) outside[k]!++;
      }
    });
  }
  return usualSensors.find((_, k) => outside[k]! <= mostOutside * all);
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
