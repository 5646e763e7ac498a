/**
 * Cutting an event stream into slices while it is read. Memory: one batch and the events of the open slices.
 *
 * Sensors deliver some events slightly late. By time, a late event goes to the slice that is open, so that slices
 * always partition the stream; around moments, windows stay open a little longer.
 */
import { DataFormatError, OptionError } from "../errors.js";
import { type EventBatch, EventCollector, subBatch } from "./event-batch.js";

/** Events of the time `startUs` ≤ t < `endUs`. */
export interface EventSlice {
  /** Microseconds, included. */
  readonly startUs: number;
  /** Microseconds, not included. */
  readonly endUs: number;
  /** In the order of the recording. */
  readonly events: EventBatch;
}

/** More empty slices in a row than this mean a broken clock, not a quiet scene. */
const mostEmptySlices = 1_000_000;

/**
 * Slices of equal duration, empty ones included; the first starts at the first event, or at `startUs`.
 *
 * @param batches - those of a reader, in its order
 * @param options - size and start of the slices
 * @param options.durationUs - length of a slice in microseconds
 * @param options.startUs - start of the first slice, to which earlier events go too (default: the first event's time)
 * @throws OptionError if the duration is not positive
 * @throws DataFormatError if the time jumps by a million slices
 * @example
 * import { writeFile } from "node:fs/promises";
 * import { openEvents, sliceByTime } from "snnseg/events";
 *
 * await writeFile("events.txt", "1000 3 5 1\n1400 4 5 0\n3200 4 5 1\n");
 * const reader = await openEvents("events.txt", { timeUnit: "us" });
 * for await (const { startUs, events } of sliceByTime(reader.batches(), { durationUs: 1000 })) {
 *   console.log(startUs, events.length); // 1000 2, then 2000 0, then 3000 1
 * }
 */
export async function* sliceByTime(
  batches: AsyncIterable<EventBatch>,
  { durationUs, startUs }: { readonly durationUs: number; readonly startUs?: number },
): AsyncGenerator<EventSlice> {
  if (!(durationUs > 0)) {
    throw new OptionError(
      `slice events: expected a positive duration, received ${durationUs}; give microseconds`,
    );
  }
  const open = new EventCollector();
  let start = startUs;
  for await (const batch of batches) {
    let from = 0;
    for (let i = 0; i < batch.length; i++) {
      const timeUs = batch.timestampsUs[i]!;
      start ??= timeUs;
      if (timeUs < start + durationUs) continue;
      const skipped = (timeUs - start) / durationUs;
      if (skipped > mostEmptySlices) {
        throw new DataFormatError(
          `slice events: expected times within ${mostEmptySlices} slices of each other, received ${timeUs} us after a slice from ${start} us; the recording's clock is broken, or the slices are too short`,
        );
      }
      open.append(subBatch(batch, from, i));
      from = i;
      while (timeUs >= start + durationUs) {
        yield { startUs: start, endUs: start + durationUs, events: open.take() };
        start += durationUs;
      }
    }
    open.append(subBatch(batch, from, batch.length));
  }
  if (open.length > 0 && start !== undefined) {
    yield { startUs: start, endUs: start + durationUs, events: open.take() };
  }
}

/**
 * Slices of `count` events; the last may have fewer. `endUs` is just after the last event.
 *
 * @param batches - those of a reader, in its order
 * @param options - size of the slices
 * @param options.count - events of a slice, 1 or more
 * @throws OptionError if the count is no whole number of 1 or more
 */
export async function* sliceByCount(
  batches: AsyncIterable<EventBatch>,
  { count }: { readonly count: number },
): AsyncGenerator<EventSlice> {
  if (!Number.isInteger(count) || count < 1) {
    throw new OptionError(
      `slice events: expected a count of 1 or more, received ${count}; give a whole number`,
    );
  }
  const open = new EventCollector();
  for await (const batch of batches) {
    for (let from = 0; from < batch.length; ) {
      const to = Math.min(batch.length, from + count - open.length);
      open.append(subBatch(batch, from, to));
      if (open.length === count) yield spanned(open.take());
      from = to;
    }
  }
  if (open.length > 0) yield spanned(open.take());
}

function spanned(events: EventBatch): EventSlice {
  let [startUs, endUs] = [Infinity, -Infinity];
  for (const timeUs of events.timestampsUs) {
    if (timeUs < startUs) startUs = timeUs;
    if (timeUs >= endUs) endUs = timeUs + 1;
  }
  return { startUs, endUs, events };
}

/** How late an event may come and still find its window open. */
const latenessUs = 10_000;

/**
 * The events around given moments, such as the times of label pictures: for each moment t in rising order the
 * window `t − beforeUs` ≤ time < `t + afterUs`. Windows may overlap; those without events come out empty. With the
 * default `afterUs` of 1 the event at the moment itself is the last of its window.
 *
 * Reading stops after the last window.
 *
 * @param batches - those of a reader, in its order
 * @param options - moments, and what of the time around them
 * @param options.momentsUs - rising times in microseconds
 * @param options.beforeUs - time before each moment
 * @param options.afterUs - time after each moment (default 1)
 * @throws OptionError if the moments do not rise or the window is empty
 */
export async function* sliceAround(
  batches: AsyncIterable<EventBatch>,
  {
    momentsUs,
    beforeUs,
    afterUs = 1,
  }: { readonly momentsUs: readonly number[]; readonly beforeUs: number; readonly afterUs?: number },
): AsyncGenerator<EventSlice> {
  checkMoments(momentsUs, beforeUs + afterUs);
  const windows = momentsUs.map((t) => ({ startUs: t - beforeUs, endUs: t + afterUs }));
  const open: { readonly window: (typeof windows)[number]; readonly events: EventCollector }[] = [];
  let next = 0;
  for await (const { timestampsUs, x, y, polarity, length } of batches) {
    for (let i = 0; i < length; i++) {
      const timeUs = timestampsUs[i]!;
      while (next < windows.length && timeUs >= windows[next]!.startUs) {
        open.push({ window: windows[next++]!, events: new EventCollector() });
      }
      for (const { window, events } of open) {
        if (timeUs >= window.startUs && timeUs < window.endUs) {
          events.push(timeUs, x[i]!, y[i]!, polarity[i]!);
        }
      }
      while (open.length > 0 && timeUs >= open[0]!.window.endUs + latenessUs) {
        const { window, events } = open.shift()!;
        yield { ...window, events: events.take() };
      }
      if (next === windows.length && open.length === 0) return;
    }
  }
  for (const { window, events } of open) yield { ...window, events: events.take() };
  for (const window of windows.slice(next)) yield { ...window, events: new EventCollector().take() };
}

function checkMoments(momentsUs: readonly number[], lengthUs: number): void {
  const falling = momentsUs.findIndex((t, i) => !Number.isFinite(t) || (i > 0 && t < momentsUs[i - 1]!));
  if (falling >= 0) {
    throw new OptionError(
      `slice events: expected rising times, received ${momentsUs[falling]} at position ${falling}; sort them`,
    );
  }
  if (!(lengthUs > 0)) {
    throw new OptionError(
      `slice events: expected a window longer than 0 us, received ${lengthUs}; raise the time before the moment`,
    );
  }
}
