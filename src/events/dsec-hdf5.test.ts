import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DsecVariation, randomEvents, writeDsecFile } from "../../tests/event-writers.js";
import { type EventBatch, EventCollector, type EventFileOptions, openDsecEvents } from "./index.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-dsec-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const small = randomEvents(2000, { width: 40, height: 30, seed: 31, stepUs: 400 });

async function open(events: EventBatch, variation: DsecVariation, options: EventFileOptions = {}) {
  const path = join(folder, "events.h5");
  await writeDsecFile(path, events, variation);
  const reader = await openDsecEvents(path, options);
  const read = new EventCollector();
  for await (const batch of reader.batches()) read.append(batch);
  return { reader, read: read.take() };
}

describe("times", () => {
  const seconds = small.timestampsUs.map((t) => t / 1e6);

  it("with fractions are seconds, whole ones of any type microseconds", async () => {
    const bare = { indexed: false } as const;
    expect((await open(small, { ...bare, times: seconds })).read).toEqual(small);
    expect((await open(small, { ...bare, times: small.timestampsUs })).read).toEqual(small);
    const integers = BigInt64Array.from(small.timestampsUs, BigInt);
    expect((await open(small, { ...bare, times: integers })).read).toEqual(small);
  });

  it("too large for microseconds are nanoseconds, and the option says what no value shows", async () => {
    const unixUs = small.timestampsUs.map((t) => t + 1_487_339_175_000_000);
    const times = BigInt64Array.from(unixUs, (t) => BigInt(t) * 1000n);
    expect((await open(small, { indexed: false, times })).read.timestampsUs).toEqual(unixUs);
    const milliseconds = small.timestampsUs.map((t) => Math.round(t / 1000));
    const { read, reader } = await open(small, { indexed: false, times: milliseconds }, { timeUnit: "ms" });
    expect(read.timestampsUs).toEqual(milliseconds.map((t) => t * 1000));
    expect(reader.header.timeUnit).toBe("ms");
  });

  it("of a window are found by bisection where there is no index", async () => {
    const [startUs, endUs] = [100_123, 250_456];
    const expected = small.timestampsUs.filter((t) => t >= startUs && t < endUs);
    for (const variation of [{ indexed: false }, { indexed: false, times: seconds }, {}]) {
      const { reader } = await open(small, variation);
      expect((await reader.window(startUs, endUs)).timestampsUs).toEqual(expected);
      expect(reader.rangeUs).toEqual([small.timestampsUs[0], small.timestampsUs.at(-1)]);
    }
  });
});

describe("polarities", () => {
  it("-1 and 1 are darker and brighter", async () => {
    const polarities = Int8Array.from(small.polarity, (p) => 2 * p - 1);
    expect((await open(small, { polarities })).read.polarity).toEqual(small.polarity);
  });
});

describe("sensors", () => {
  const large = randomEvents(3000, { width: 1280, height: 720, seed: 32 });

  it("are those that the file states", async () => {
    const { reader, read } = await open(small, { sensor: { width: 346, height: 260 } });
    expect([reader.width, reader.height, read.length]).toEqual([346, 260, 2000]);
    expect(reader.header.sensor).toBeUndefined();
  });

  it("are 640x480, or 1280x720 where many pixels lie beyond, and never for a few of them", async () => {
    const few = { ...small, x: small.x.map((x, i) => (i % 400 === 7 ? 1000 : x)) };
    for (const [events, size, count] of [
      [small, [640, 480], 2000],
      [large, [1280, 720], 3000],
      [few, [640, 480], 1995],
    ] as const) {
      const { reader, read } = await open(events, {});
      expect([reader.width, reader.height, read.length]).toEqual([...size, count]);
      expect(reader.header.sensor).toBe("assumed from the pixels");
    }
  });

  it("are the option's where the file states none", async () => {
    const sensor = { width: 39, height: 30 };
    const { reader, read } = await open(small, {}, { sensor });
    expect([reader.width, reader.height]).toEqual([39, 30]);
    expect(read.length).toBe(small.x.filter((x) => x < 39).length);
    await expect(open(small, { sensor: { width: 40, height: 30 } }, { sensor })).rejects.toThrow(
      /expected a sensor of 40x30, as the file states, received 39x30/,
    );
  });
});
