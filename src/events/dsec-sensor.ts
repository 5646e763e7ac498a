/** The sensor of HDF5 in DSEC's layout, which few files state. */
import type { SensorSize } from "./event-reader.js";
import type { Hdf5Column, Hdf5File } from "./hdf5-file.js";

/** Sensors of files that state none, smallest first: DSEC's, and that of Prophesee's Gen 4. */
const usualSensors: readonly SensorSize[] = [
  { width: 640, height: 480 },
  { width: 1280, height: 720 },
];
/** A sensor is too small if more than this share of the pixels lies outside; less is damage. */
const mostOutside = 0.01;
const samples = 16;
/** Events of a sample, spread over the file or at its ends. */
export const sampleEvents = 4096;

/** The size that RVT's files state. */
export async function statedSensor(file: Hdf5File): Promise<SensorSize | undefined> {
  const width = await (await file.column("events/width"))?.scalar();
  const height = await (await file.column("events/height"))?.scalar();
  return width !== undefined && height !== undefined && width >= 1 && height >= 1
    ? { width, height }
    : undefined;
}

/** The smallest usual sensor that has the pixels of evenly spread samples, but for a few. */
export async function sensorOfPixels(columns: {
  readonly x: Hdf5Column;
  readonly y: Hdf5Column;
  /** Events that can be read. */
  readonly length: number;
}): Promise<SensorSize | undefined> {
  const { x, y, length } = columns;
  const outside = usualSensors.map(() => 0);
  let all = 0;
  for (let i = 0; i < samples; i++) {
    const start = Math.floor((Math.max(0, length - sampleEvents) * i) / (samples - 1));
    const end = Math.min(length, start + sampleEvents);
    const [across, down] = [await x.numbers(start, end), await y.numbers(start, end)];
    all += across.length;
    usualSensors.forEach(({ width, height }, k) => {
      for (let n = 0; n < across.length; n++) {
        if (across[n]! >= width || down[n]! >= height) outside[k]!++;
      }
    });
  }
  return usualSensors.find((_, k) => outside[k]! <= mostOutside * all);
}
