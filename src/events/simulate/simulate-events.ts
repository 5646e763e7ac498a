/** Events of a simulated camera that moves over a picture. */
import { checkNumber } from "../../checks/index.js";
import { type EventBatch, EventCollector } from "../event-batch.js";
import { type CameraPath, speedOf } from "./camera-path.js";
import { MovingPicture, type StillPicture } from "./moving-picture.js";
import type { SimulatedSensor } from "./simulated-sensor.js";

/** The longest time between two pictures, however slow the view moves. */
const longestStepUs = 20_000;
/** The shortest, however fast. */
const shortestStepUs = 10;

/** What to simulate. */
export interface SimulationOptions {
  /** What the camera sees. */
  readonly picture: StillPicture;
  /** How its view moves. */
  readonly path: CameraPath;
  /** Height and width of the sensor. */
  readonly size: readonly [height: number, width: number];
  /** Its pixels, fresh or from the end of an earlier span. */
  readonly sensor: SimulatedSensor;
  /** From this time on, in microseconds. */
  readonly startUs: number;
  /** To this time. */
  readonly endUs: number;
  /** How far the view moves from picture to picture at most, in pixels of the sensor (default 0.5). */
  readonly stepPixels?: number;
}

/**
 * Events as they come, a batch for each picture that the sensor is shown. Pictures are as far apart in time as the view needs for
 * `stepPixels`: between two of them log intensity is taken for linear, as it nearly is over half a pixel of an interpolated picture. So
 * no pixel misses a threshold, however fast the view moves. Memory does not grow with the time.
 *
 * @param options - picture, motion, sensor and span
 * @throws OptionError if times or step are none
 * @example
 * ```ts
 * import { logLuma, SimulatedSensor, sensorModels, simulateEvents, smoothPath } from "snnseg/events";
 *
 * const size = [48, 64] as const;
 * const data = Uint8Array.from({ length: 60 * 80 }, (_, i) => (i * 37) % 256); // a grey picture of 60x80 pixels
 * const picture = { height: 60, width: 80, levels: logLuma({ data, height: 60, width: 80 }) };
 * const path = smoothPath({ sensor: size, picture: [60, 80] }, {}, 1);
 * const sensor = new SimulatedSensor({ height: 48, width: 64, model: sensorModels.clean, seed: 1 });
 * let count = 0;
 * for (const { length } of simulateEvents({ picture, path, size, sensor, startUs: 0, endUs: 50_000 })) count += length;
 * console.log(count > 0);
 * ```
 */
export function* simulateEvents({
  picture,
  path,
  size,
  sensor,
  startUs,
  endUs,
  stepPixels = 0.5,
}: SimulationOptions): Generator<EventBatch> {
  checkNumber("simulateEvents", "startUs", startUs);
  checkNumber("simulateEvents", "endUs", endUs, { above: startUs });
  checkNumber("simulateEvents", "stepPixels", stepPixels, { above: 0 });
  const scene = new MovingPicture(picture, path, size);
  const seen = new Float32Array(size[0] * size[1]);
  const events = new EventCollector();
  let time = startUs;
  if (sensor.timeUs !== startUs) {
    scene.see(time, seen);
    sensor.see(seen, time, events);
  }
  while (time < endUs) {
    time = Math.min(endUs, time + stepFor(stepPixels, { path, time, size }));
    scene.see(time, seen);
    sensor.see(seen, time, events);
    yield events.take();
  }
}

/** Time in which the view moves by so many pixels at most. */
function stepFor(
  pixels: number,
  { path, time, size }: { readonly time: number } & Pick<SimulationOptions, "path" | "size">,
): number {
  const timeAt = (when: number) => (pixels / speedOf(path, when, size)) * 1e6;
  const now = Math.min(longestStepUs, timeAt(time));
  // The view may be faster by then.
  return Math.max(shortestStepUs, Math.min(now, timeAt(time + now)));
}
