/** What a simulated event camera sees of a picture while it moves over it: windows of events and the labels at their end. */
import {
  type CameraMotion,
  type EventBatch,
  EventCollector,
  MovingPicture,
  type SensorModelName,
  SimulatedSensor,
  type StillPicture,
  sensorModels,
  simulateEvents,
  smoothPath,
  subBatch,
} from "../../../events/index.js";
import type { Size } from "../../../images/index.js";
import { voidLabel } from "../../../metrics/index.js";
import { derive } from "../../../random/index.js";

/** The camera, and for how long it looks. */
export interface SimulatedViewOptions {
  /** Height and width of the sensor. */
  readonly size: Size;
  /** Its pixels. */
  readonly sensorModel: SensorModelName;
  /** How its view moves. */
  readonly motion: CameraMotion;
  /** Frames that follow each other, 1 or more. */
  readonly frames: number;
  /** Length of each, in microseconds. */
  readonly windowUs: number;
}

/** A span of time, its events, and the labels at its end. */
export interface SimulatedWindow {
  readonly startUs: number;
  readonly endUs: number;
  readonly events: EventBatch;
  /** `[h, w]`; 255 where the view leaves the picture. */
  readonly labels: () => Uint8Array;
}

/** A camera whose pixels stay the same; every picture is seen along a path of its own. */
export class SimulatedView {
  readonly #options: SimulatedViewOptions;
  readonly #sensor: SimulatedSensor;

  /** @param seed - of the pixels' mismatch */
  constructor(options: SimulatedViewOptions, seed: number) {
    this.#options = options;
    const [height, width] = options.size;
    this.#sensor = new SimulatedSensor({ height, width, model: sensorModels[options.sensorModel], seed });
  }

  /**
   * Windows that follow each other, from 0 on.
   *
   * @param picture - not changed
   * @param seed - of path and noise
   */
  *windows(picture: StillPicture, seed: number): Generator<SimulatedWindow> {
    const { size, motion, frames, windowUs } = this.#options;
    const sizes = { sensor: size, picture: [picture.height, picture.width] } as const;
    const path = smoothPath(sizes, motion, derive(seed, "path"));
    const sensor = this.#sensor;
    sensor.restart(derive(seed, "noise"));
    const scene = new MovingPicture(picture, path, size);
    const collector = new EventCollector();
    for (let k = 0; k < frames; k++) {
      const span = { startUs: k * windowUs, endUs: (k + 1) * windowUs };
      for (const batch of simulateEvents({ picture, path, size, sensor, ...span })) collector.append(batch);
      const all = collector.take();
      // Times are rounded: those that became the window's end are the next one's.
      let end = all.length;
      while (end > 0 && all.timestampsUs[end - 1]! >= span.endUs) end--;
      collector.append(subBatch(all, end, all.length));
      yield { ...span, events: subBatch(all, 0, end), labels: () => scene.labelsAt(span.endUs, voidLabel) };
    }
  }
}
