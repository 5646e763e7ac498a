/** Numbers about a recording, in one pass over it. */
import type { EventFormat, EventReader } from "./event-reader.js";
import { type Skipped, SkippedEvents } from "./skipped-events.js";

/** What {@link eventStatistics} finds. */
export interface EventStatistics {
  /** What the file's content was recognised as. */
  readonly format: EventFormat;
  /** Columns of the sensor, where the file or the options state them. */
  readonly width: number | undefined;
  /** Rows of the sensor, where the file or the options state them. */
  readonly height: number | undefined;
  /** The smallest width and height that hold all events. */
  readonly extent: readonly [width: number, height: number];
  /** Events that were read. */
  readonly events: number;
  /** The number that the file itself states, where it does. */
  readonly declaredEvents: number | undefined;
  /** Brighter events. */
  readonly on: number;
  /** Darker events. */
  readonly off: number;
  /** Time of the earliest event. */
  readonly firstUs: number;
  /** Time of the latest event. */
  readonly lastUs: number;
  /** From the earliest to the latest event. */
  readonly durationUs: number;
  /** 0 if the duration is. */
  readonly eventsPerSecond: number;
  /** How often a time is earlier than the one before it. */
  readonly backwardSteps: number;
  /** The longest time between an event and the next. */
  readonly longestGap: {
    /** Time of the event before it. */
    readonly afterUs: number;
    /** 0 where times never rise. */
    readonly lengthUs: number;
  };
  /** What could not be used, by reason. */
  readonly skipped: readonly Skipped[];
}

/**
 * Reads the whole recording once, with memory for one batch. An empty one has times 0.
 *
 * @param reader - asked for its batches once
 * @throws DataFormatError as `reader.batches` does
 * @example
 * import { writeFile } from "node:fs/promises";
 * import { eventStatistics, openEvents } from "snnseg/events";
 *
 * await writeFile("events.txt", "1000 3 5 1\n1400 4 5 0\n3200 4 5 1\n");
 * const { events, on, durationUs } = await eventStatistics(await openEvents("events.txt", { timeUnit: "us" }));
 * console.log(events, on, durationUs); // 3 2 2200
 */
export async function eventStatistics(reader: EventReader): Promise<EventStatistics> {
  let events = 0;
  let on = 0;
  let backwardSteps = 0;
  let firstUs = Infinity;
  let lastUs = -Infinity;
  let previousUs = -Infinity;
  let longestGap = { afterUs: 0, lengthUs: 0 };
  let [right, bottom] = [0, 0];
  const skipped = new SkippedEvents();
  for await (const { timestampsUs, x, y, polarity, length } of reader.batches(skipped)) {
    events += length;
    for (let i = 0; i < length; i++) {
      const timeUs = timestampsUs[i]!;
      if (timeUs < previousUs) backwardSteps++;
      else if (timeUs - previousUs > longestGap.lengthUs && previousUs > -Infinity) {
        longestGap = { afterUs: previousUs, lengthUs: timeUs - previousUs };
      }
      previousUs = timeUs;
      if (timeUs < firstUs) firstUs = timeUs;
      if (timeUs > lastUs) lastUs = timeUs;
      if (x[i]! >= right) right = x[i]! + 1;
      if (y[i]! >= bottom) bottom = y[i]! + 1;
      on += polarity[i]!;
    }
  }
  if (events === 0) firstUs = lastUs = 0;
  const durationUs = lastUs - firstUs;
  const { format, width, height, declaredEvents } = reader;
  const eventsPerSecond = durationUs > 0 ? (events * 1e6) / durationUs : 0;
  const size = { width, height, extent: [right, bottom] as const };
  const times = { firstUs, lastUs, durationUs, eventsPerSecond, backwardSteps, longestGap };
  const counts = { events, declaredEvents, on, off: events - on, skipped: skipped.list() };
  return { format, ...size, ...counts, ...times };
}
