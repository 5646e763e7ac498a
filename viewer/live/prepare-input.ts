/** From what the page asks about to what the network sees, and to the picture that is shown with the answer. */
import {
  describeSkipped,
  type IndexedEvents,
  indexEventsBlob,
  type SensorSize,
} from "../../src/events/web.js";
import type { LiveData } from "../../src/export/web/index.js";
import type { ModelDescription } from "../../src/web/index.js";
import { CameraEvents } from "./camera-events.js";
import type { EventLook, Input, Recording } from "./messages.js";
import { drawEvents, type EventWindow, prepareEvents } from "./prepare-events.js";
import { type Prepared, preparePicture } from "./prepare-picture.js";

/** An input as the network and the reader see it. */
interface PreparedInput {
  readonly prepared: Prepared;
  readonly picture: ImageBitmap;
}

/** Inputs of one network, which follow each other where they are events. */
export class InputPreparation {
  readonly #network: ModelDescription;
  readonly #shown: LiveData["shown"];
  readonly #camera = new CameraEvents();
  #recording: IndexedEvents | undefined;

  /** @param shown - a sensor of which the network was shown only the upper rows */
  constructor(network: ModelDescription, shown: LiveData["shown"]) {
    this.#network = network;
    this.#shown = shown;
  }

  /** @throws DataFormatError if it is none, or nothing of it can be used */
  async openRecording(file: File): Promise<Recording> {
    const recording = await indexEventsBlob(file);
    this.#recording = recording;
    return { rangeUs: recording.rangeUs, leftOut: describeSkipped(recording.skipped) };
  }

  async prepare(input: Input, timesteps: number): Promise<PreparedInput> {
    const { input: sees } = this.#network;
    if (sees.kind === "picture") {
      if (input.kind !== "picture") throw new Error(`segment: expected a picture, received a ${input.kind}`);
      return { prepared: preparePicture(input.bitmap, sees), picture: input.bitmap };
    }
    if (input.kind === "picture") throw new Error("segment: expected events, received a picture");
    const frames = sees.encoding === "sequence" ? timesteps : 1;
    if (input.kind === "frame") {
      const { values, bitmap } = input;
      const length = values.length / (sees.encoding === "sequence" ? this.#network.timesteps : 1);
      const frame = (t: number) => (t < frames ? values.subarray(t * length, (t + 1) * length) : undefined);
      return { prepared: { frame, region: [0, 0, ...sees.size] }, picture: bitmap };
    }
    const window = await this.#window(input, frames * input.look.windowUs);
    const { look } = input;
    const shown: EventWindow = { ...window, frames, windowUs: look.windowUs };
    return { prepared: prepareEvents(shown, sees), picture: await drawEvents(shown, look.colors) };
  }

  async #window(
    input: Extract<Input, { kind: "camera" | "recording"; look: EventLook }>,
    spanUs: number,
  ): Promise<Pick<EventWindow, "events" | "sensor" | "endUs">> {
    if (input.kind === "recording") {
      const { extent, width = extent[0], height = extent[1], window } = this.#recording!;
      const { timeUs: endUs } = input;
      const sensor = this.#seen({ width, height });
      return { events: await window(endUs - spanUs, endUs), sensor, endUs };
    }
    return this.#camera.before(input, { spanUs, size: this.#network.input.size });
  }

  /** What the network sees of a sensor. */
  #seen(sensor: SensorSize): SensorSize {
    const { sensor: [height, width] = [], labels = [] } = this.#shown ?? {};
    if (sensor.height !== height || sensor.width !== width) return sensor;
    return { height: labels[0]!, width: labels[1]! };
  }
}
