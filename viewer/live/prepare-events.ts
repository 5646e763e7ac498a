/** From events to what the network sees, as in training, and to a drawing of them. */
import { eventPlanes, fitEvents } from "../../src/datasets/web.js";
import { cropEvents, type EventBatch, EventCollector, type SensorSize } from "../../src/events/web.js";
import type { Planes } from "../../src/images/web.js";
import { type EventColors, polarityImage } from "../../src/report/web.js";
import type { WebEventInput } from "../../src/web/index.js";
import type { Prepared } from "./prepare-picture.js";

/** Events up to a moment. */
export interface EventWindow {
  /** At least those of the frames before the moment. */
  readonly events: EventBatch;
  readonly sensor: SensorSize;
  /** The moment, in microseconds. */
  readonly endUs: number;
  /** Time that each frame shows. */
  readonly windowUs: number;
  /** Frames that the network sees one after the other, each of its own window; the last ends at the moment. */
  readonly frames: number;
}

/** The network's input, one frame for each timestep of a sequence, else one for all. */
export function prepareEvents(window: EventWindow, input: WebEventInput): Prepared {
  const isSequence = input.encoding === "sequence";
  const frames = Array.from({ length: window.frames }, (_, t) => {
    const planes = planesAt(window, input, window.frames - 1 - t);
    return fitEvents(planes, { size: input.size, scaling: input.scaling });
  });
  return {
    frame: (t) => (isSequence || t === 0 ? frames[t] : undefined),
    region: [0, 0, ...input.size],
  };
}

/** The first channels of the frame that lies so many windows back. */
function planesAt(
  { events, sensor: { width, height }, endUs, windowUs }: EventWindow,
  { representation, channels }: WebEventInput,
  back: number,
): Planes {
  const end = endUs - back * windowUs;
  const placed = cropEvents(eventsBetween(events, end - windowUs, end), { height, width });
  const frame = { representation, bins: channels, windowUs, height, width };
  const planes = eventPlanes(placed, { ...frame, startUs: end - windowUs, endUs: end });
  return { ...planes, channels, data: planes.data.subarray(0, channels * height * width) };
}

/** Events of a span, in their order. */
function eventsBetween(
  { timestampsUs, x, y, polarity, length }: EventBatch,
  startUs: number,
  endUs: number,
): EventBatch {
  const kept = new EventCollector();
  for (let i = 0; i < length; i++) {
    const timeUs = timestampsUs[i]!;
    if (timeUs >= startUs && timeUs < endUs) kept.push(timeUs, x[i]!, y[i]!, polarity[i]!);
  }
  return kept.take();
}

/** The last frame's events as a picture of the sensor's size. */
export function drawEvents(
  { events, sensor, endUs, windowUs }: EventWindow,
  colors: EventColors,
): Promise<ImageBitmap> {
  const shown = eventsBetween(events, endUs - windowUs, endUs);
  const pixels = polarityImage(shown, { ...sensor, ...colors });
  return createImageBitmap(new ImageData(pixels, sensor.width, sensor.height));
}
