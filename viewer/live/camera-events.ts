/** Webcam and video through a simulated event camera of the network's size. */
import {
  type EventBatch,
  EventCollector,
  logLuma,
  SimulatedSensor,
  sensorModels,
} from "../../src/events/web.js";
import { resizePicture } from "../../src/images/web.js";
import type { Input } from "./messages.js";
import type { EventWindow } from "./prepare-events.js";
import { pixelsOf } from "./prepare-picture.js";

/** A camera that has seen nothing for so long begins anew, as what moved meanwhile would all come at once. */
const longestGapUs = 1e6;

/** The event camera of one page. */
export class CameraEvents {
  #sensor: SimulatedSensor | undefined;
  #contrast = 0;
  /** When the camera saw its last picture, in microseconds. */
  #lastUs = 0;
  #recent: EventBatch = new EventCollector(0).take();

  /** Shows the camera the next picture; gives the events of the last `spanUs` until then. */
  before(
    { bitmap, timeUs, contrast }: Extract<Input, { kind: "camera" }>,
    { spanUs, size }: { readonly spanUs: number; readonly size: readonly [height: number, width: number] },
  ): Pick<EventWindow, "events" | "sensor" | "endUs"> {
    const [height, width] = size;
    const levels = logLuma(resizePicture(pixelsOf(bitmap), size));
    bitmap.close();
    const sinceUs = timeUs - this.#lastUs;
    const goesOn = contrast === this.#contrast && sinceUs >= 0 && sinceUs < longestGapUs;
    let sensor = goesOn ? this.#sensor : undefined;
    // A picture that is shown again, as while paused, changes nothing.
    const isNew = sensor === undefined || sinceUs > 0;
    if (sensor === undefined) {
      const model = { ...sensorModels.clean, onContrast: contrast, offContrast: contrast };
      sensor = new SimulatedSensor({ height, width, model, seed: 0 });
      this.#recent = new EventCollector(0).take();
    }
    if (isNew) {
      const events = new EventCollector();
      const { timestampsUs, x, y, polarity, length } = this.#recent;
      for (let i = 0; i < length; i++) {
        if (timestampsUs[i]! >= timeUs - spanUs) events.push(timestampsUs[i]!, x[i]!, y[i]!, polarity[i]!);
      }
      sensor.see(levels, timeUs, events);
      this.#recent = events.take();
    }
    [this.#sensor, this.#contrast, this.#lastUs] = [sensor, contrast, timeUs];
    return { events: this.#recent, sensor: { height, width }, endUs: timeUs + 1 };
  }
}
