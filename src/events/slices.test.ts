import { describe, expect, it } from "vitest";
import { randomEvents, textLines } from "../../tests/event-writers.js";
import { DataFormatError, OptionError } from "../errors.js";
import {
  type EventBatch,
  EventCollector,
  type EventSlice,
  sliceAround,
  sliceByCount,
  sliceByTime,
  subBatch,
} from "./index.js";

const events = randomEvents(5000, { width: 30, height: 20, seed: 5 });

/** The events in batches of changing size, empty ones included. */
async function* inBatches(all: EventBatch): AsyncGenerator<EventBatch> {
  for (let at = 0, size = 0; at < all.length; at += size, size = (size * 7 + 3) % 101) {
    yield subBatch(all, at, at + size);
  }
}

async function collect(slices: AsyncIterable<EventSlice>): Promise<EventSlice[]> {
  const all: EventSlice[] = [];
  for await (const slice of slices) all.push(slice);
  return all;
}

function joined(slices: readonly EventSlice[]): string {
  return slices.map((slice) => textLines(slice.events)).join("");
}

describe("sliceByTime", () => {
  it.each([1, 37, 1000, 1e9])("slices of %d us partition the stream", async (durationUs) => {
    const slices = await collect(sliceByTime(inBatches(events), { durationUs }));
    expect(joined(slices)).toBe(textLines(events));
    for (const [i, { startUs, endUs, events: inside }] of slices.entries()) {
      expect(startUs).toBe(events.timestampsUs[0]! + i * durationUs);
      expect(inside.timestampsUs.every((t) => t >= startUs && t < endUs)).toBe(true);
    }
  });

  it("gives a late event to the open slice", async () => {
    const late = new EventCollector();
    for (const t of [0, 5, 12, 8, 25]) late.push(t, 0, 0, 1);
    const slices = await collect(sliceByTime(inBatches(late.take()), { durationUs: 10 }));
    expect(slices.map((slice) => [...slice.events.timestampsUs])).toEqual([[0, 5], [12, 8], [25]]);
  });

  it("refuses a clock that jumps, and durations that are none", async () => {
    const jump = new EventCollector();
    for (const t of [0, 2 ** 50]) jump.push(t, 0, 0, 1);
    await expect(collect(sliceByTime(inBatches(jump.take()), { durationUs: 10 }))).rejects.toThrow(
      DataFormatError,
    );
    await expect(collect(sliceByTime(inBatches(events), { durationUs: 0 }))).rejects.toThrow(OptionError);
  });
});

describe("sliceByCount", () => {
  it.each([1, 64, 4999, 5000, 6000])("slices of %d events partition the stream", async (count) => {
    const slices = await collect(sliceByCount(inBatches(events), { count }));
    expect(joined(slices)).toBe(textLines(events));
    expect(slices.slice(0, -1).every((slice) => slice.events.length === count)).toBe(true);
    expect(slices.length).toBe(Math.ceil(5000 / count));
    const { startUs, endUs, events: inside } = slices[0]!;
    expect([startUs, endUs]).toEqual([inside.timestampsUs[0], inside.timestampsUs.at(-1)! + 1]);
  });
});

describe("sliceAround", () => {
  it("gives overlapping windows, those without events too", async () => {
    const momentsUs = [500, 20_000, 30_000, 30_000, 45_000, 10 ** 7];
    const slices = await collect(
      sliceAround(inBatches(events), { momentsUs, beforeUs: 20_000, afterUs: 5000 }),
    );
    expect(slices.map(({ startUs, endUs }) => [startUs, endUs])).toEqual(
      momentsUs.map((t) => [t - 20_000, t + 5000]),
    );
    for (const { startUs, endUs, events: inside } of slices) {
      const expected = events.timestampsUs.filter((t) => t >= startUs && t < endUs);
      expect([...inside.timestampsUs]).toEqual([...expected]);
    }
    expect(slices[1]!.events.length).toBeGreaterThan(500);
    expect(slices.at(-1)!.events.length).toBe(0);
  });

  it("stops reading after the last window", async () => {
    let batches = 0;
    async function* counted() {
      for await (const batch of inBatches(events)) {
        batches++;
        yield batch;
      }
    }
    await collect(sliceAround(counted(), { momentsUs: [2000], beforeUs: 1000 }));
    expect(batches).toBeLessThan(30);
  });

  it("finds late events, and refuses moments that fall", async () => {
    const late = new EventCollector();
    for (const t of [100, 250, 190, 5000]) late.push(t, 0, 0, 1);
    const [slice] = await collect(sliceAround(inBatches(late.take()), { momentsUs: [200], beforeUs: 100 }));
    expect([...slice!.events.timestampsUs]).toEqual([100, 190]);
    await expect(collect(sliceAround(inBatches(events), { momentsUs: [2, 1], beforeUs: 1 }))).rejects.toThrow(
      /rising times, received 1 at position 1/,
    );
  });
});
