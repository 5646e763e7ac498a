/** What a simulated event camera sees of a picture while it moves over it: frames of events and the labels at their end. */
import {
  type CameraMotion,
  EventCollector,
  MovingPicture,
  type SensorModelName,
  SimulatedSensor,
  type StillPicture,
  sensorModels,
  simulateEvents,
  smoothPath,
} from "../../../events/index.js";
import type { Planes, Size } from "../../../images/index.js";
import { voidLabel } from "../../../metrics/index.js";
import { derive } from "../../../random/index.js";
import type { AugmentedExample } from "../../prepare/augmentation.js";
import { type EventFrameOptions, eventPlanes } from "../../recordings/event-frame.js";

/** The camera, and what becomes of its events. */
export interface SimulatedViewOptions {
  /** Height and width of the sensor. */
  readonly size: Size;
  /** Its pixels. */
  readonly sensorModel: SensorModelName;
  /** How its view moves. */
  readonly motion: CameraMotion;
  /** Frames that follow each other, 1 or more. */
  readonly frames: number;
  readonly frame: EventFrameOptions;
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
   * Frames `[C, h, w]` of consecutive windows, and the labels at the end of the last.
   *
   * @param picture - not changed
   * @param seed - of path and noise
   */
  of(picture: StillPicture, seed: number): AugmentedExample {
    const { size, motion, frames, frame } = this.#options;
    const [height, width] = size;
    const sizes = { sensor: size, picture: [picture.height, picture.width] } as const;
    const path = smoothPath(sizes, motion, derive(seed, "path"));
    const sensor = this.#sensor;
    sensor.restart(derive(seed, "noise"));
    const planes = Array.from({ length: frames }, (_, k): Planes => {
      const span = { startUs: k * frame.windowUs, endUs: (k + 1) * frame.windowUs };
      const events = new EventCollector();
      for (const batch of simulateEvents({ picture, path, size, sensor, ...span })) events.append(batch);
      return eventPlanes(events.take(), { ...frame, height, width, ...span });
    });
    const scene = new MovingPicture(picture, path, size);
    return { planes, label: scene.labelsAt(frames * frame.windowUs, voidLabel) };
  }
}
