/** The small inputs that once went wrong, with what is right; they lie beside the checkout. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { sharedFolder } from "../../tests/shared-data.js";
import { EventCollector, type EventFileOptions, openEvents, SkippedEvents } from "./index.js";

const cases = sharedFolder("cases");

async function read(name: string, options: EventFileOptions = {}) {
  const reader = await openEvents(resolve(cases!, name), options);
  const events = new EventCollector();
  const skipped = new SkippedEvents();
  for await (const batch of reader.batches(skipped)) events.append(batch);
  return { reader, events: events.take(), skipped: skipped.list() };
}

describe.skipIf(!cases)("inputs that went wrong (skipped where they are not at hand)", () => {
  it.each([
    ["oob.raw", "outside-sensor", 200],
    ["evt2oob.raw", "outside-sensor", 2],
    ["oob.dat", "outside-sensor", 99],
    ["ev_oneoob/train/drive.dat", "outside-sensor", 19_999],
    ["type9.raw", "reserved-word", 200],
    ["odd.raw", "cut-end", 100],
  ])("%s: one %s is left out, %d events remain", async (name, reason, count) => {
    const { events, skipped } = await read(name);
    expect(skipped).toMatchObject([{ reason, count: 1 }]);
    expect(events.length).toBe(count);
    await expect(read(name, { strict: true })).rejects.toThrow(/read events: .*: expected .*, received /);
  });

  it("g_s.txt: one unit for the file", async () => {
    expect([...(await read("g_s.txt")).events.timestampsUs]).toEqual([999_990, 1_000_000, 1_000_010]);
  });

  it("tfloat.h5: seconds", async () => {
    const { events } = await read("tfloat.h5");
    expect([...events.timestampsUs.subarray(0, 4)]).toEqual([0, 50, 100, 150]);
    expect(events.length).toBe(2000);
  });

  it("HDF5 whose numbers have the other byte order", async () => {
    const bytes = await readFile(join(cases!, "tfloat.h5"));
    const type = (order: number) => Buffer.from([0x10, order, 0, 0, 2, 0, 0, 0, 0, 0, 16, 0]);
    for (let at = bytes.indexOf(type(0)); at >= 0; at = bytes.indexOf(type(0))) bytes.set(type(1), at);
    const folder = await mkdtemp(join(tmpdir(), "snnseg-order-"));
    await writeFile(join(folder, "big.h5"), bytes);
    const { events } = await read("tfloat.h5");
    const swapped = await read(join(folder, "big.h5"), { sensor: { width: 65536, height: 65536 } });
    const turned = events.x.map((value) => ((value & 255) << 8) | (value >> 8));
    expect([swapped.events.length, swapped.events.x.findIndex((x, i) => x !== turned[i])]).toEqual([
      2000, -1,
    ]);
    await rm(folder, { recursive: true });
  });

  it("bool.h5: booleans are polarities", async () => {
    const { events } = await read("bool.h5");
    expect([...events.polarity.subarray(0, 4)]).toEqual([0, 1, 0, 1]);
    expect([events.length, events.timestampsUs[1]]).toEqual([2000, 57_922_807_588 + 50]);
  });

  it("v1.dat: 9 bits of x, 8 of y", async () => {
    const { events, skipped } = await read("v1.dat");
    expect([events.length, skipped]).toEqual([100, []]);
    expect(Math.max(...events.x)).toBeLessThan(304);
    expect([
      ...events.x.subarray(0, 3),
      ...events.y.subarray(0, 3),
      ...events.polarity.subarray(0, 3),
    ]).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 0]);
  });

  it("v2e.aedat, v2e_user_davis.aedat: the option names the sensor, a comment does not", async () => {
    for (const name of ["v2e.aedat", "v2e_user_davis.aedat"]) {
      await expect(read(name)).rejects.toThrow(/AEChip .* received none; say it with --sensor WxH/);
      const { events, skipped, reader } = await read(name, { sensor: { width: 346, height: 260 } });
      expect([reader.header.chip, events.length, skipped]).toEqual(["DAVIS346", 100, []]);
      expect([events.x[0], events.y[0], events.polarity[0]]).toEqual([0, 0, 0]);
    }
  });

  it("aedat31.aedat", async () => {
    const { events, reader } = await read("aedat31.aedat");
    expect([reader.format, reader.width, reader.height]).toEqual(["aedat3", 128, 128]);
    expect([[...events.timestampsUs], [...events.x], [...events.y], [...events.polarity]]).toEqual([
      [1000, 1010],
      [5, 7],
      [6, 8],
      [1, 0],
    ]);
  });

  it("gen4.h5: a sensor of 1280x720", async () => {
    const { events, skipped, reader } = await read("gen4.h5");
    expect([reader.width, reader.height, events.length, skipped]).toEqual([1280, 720, 2000, []]);
  });

  it("savetxt.txt: floats", async () => {
    const { events } = await read("savetxt.txt");
    expect([...events.timestampsUs]).toEqual([0, 5, 9, 20]);
  });
});
