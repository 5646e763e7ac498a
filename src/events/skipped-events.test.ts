import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  aedat2DvsFile,
  aedat3File,
  aedat4File,
  datFile,
  evt2File,
  evt3File,
  lz4Packing,
  nmnistFile,
  randomEvents,
  textFile,
  writeDsecFile,
  writeGrowingFile,
  zstdPacking,
} from "../../tests/event-writers.js";
import { DataFormatError, OptionError } from "../errors.js";
import {
  describeSkipped,
  type EventBatch,
  EventCollector,
  type EventFileOptions,
  openEvents,
  type Skipped,
  SkippedEvents,
} from "./index.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-skipped-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(path: string, options: EventFileOptions = {}) {
  const events = new EventCollector();
  const skipped = new SkippedEvents();
  for await (const batch of (await openEvents(path, options)).batches(skipped)) events.append(batch);
  return { events: events.take(), skipped: skipped.list() };
}

async function written(bytes: Buffer): Promise<string> {
  const path = join(folder, "recording");
  await writeFile(path, bytes);
  return path;
}

const count = 2000;
const [width, height] = [128, 128];
const sound = randomEvents(count, { width, height, seed: 21 });
/** Event 100 lies to the right of the sensor. */
const withOutsider: EventBatch = { ...sound, x: sound.x.map((x, i) => (i === 100 ? width + 3 : x)) };
const sensor = { width, height };

const text = (events: EventBatch) => Buffer.concat([Buffer.from("128 128\n"), textFile(events)]);
const formats: readonly (readonly [string, (events: EventBatch) => Buffer, EventFileOptions])[] = [
  ["DAT", (events) => datFile(events, "% Version 2\n% Width 128\n% Height 128\n"), {}],
  ["EVT 2.0", (events) => evt2File(events, "% evt 2.0\n% geometry 128x128\n% end\n"), {}],
  ["EVT 3.0", (events) => evt3File(events, "% evt 3.0\n% geometry 128x128\n% end\n"), {}],
  ["AEDAT 3.1", aedat3File, {}],
  ["AEDAT 4", (events) => aedat4File(events, sensor), {}],
  ["AEDAT 4, LZ4", (events) => aedat4File(events, { ...sensor, packing: lz4Packing }), {}],
  ["AEDAT 4, Zstandard", (events) => aedat4File(events, { ...sensor, packing: zstdPacking }), {}],
  ["N-MNIST", nmnistFile, { sensor }],
  ["text", text, {}],
];

describe("one event outside the sensor", () => {
  it.each(formats)("%s: is left out and counted; strict refuses", async (_, write, options) => {
    const path = await written(write(withOutsider));
    const { events, skipped } = await read(path, options);
    expect(events.length).toBe(count - 1);
    expect([...events.x]).toEqual([...sound.x].filter((_x, i) => i !== 100));
    expect(skipped).toMatchObject([{ reason: "outside-sensor", count: 1 }]);
    expect(skipped[0]!.first).toContain(`x ${width + 3}, y ${sound.y[100]}`);
    await expect(read(path, { ...options, strict: true })).rejects.toThrow(DataFormatError);
  });

  it("AEDAT 2.0, whose addresses hold more than a DAVIS240 has", async () => {
    const header =
      "#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.DAVIS240C\r\n#End Of ASCII Header\r\n";
    const record = (x: number) => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32BE(x * 2 ** 12, 0);
      return bytes;
    };
    const path = await written(Buffer.concat([Buffer.from(header), record(239), record(240), record(0)]));
    const { events, skipped } = await read(path);
    expect([...events.x]).toEqual([0, 239]);
    expect(skipped).toMatchObject([{ reason: "outside-sensor", count: 1 }]);
  });

  it("HDF5 in DSEC's layout, read from the start and by window", async () => {
    const path = join(folder, "outside.h5");
    await writeDsecFile(path, withOutsider, { sensor });
    const { events, skipped } = await read(path);
    expect([events.length, skipped]).toMatchObject([count - 1, [{ reason: "outside-sensor", count: 1 }]]);
    await expect(read(path, { strict: true })).rejects.toThrow(
      /events\[100\]: expected a pixel of a 128 x 128/,
    );
  });

  it("DDD17, one pixel of which is overwritten", async () => {
    const fixture = fileURLToPath(new URL("../../tests/fixtures/ddd17-small.hdf5", import.meta.url));
    const { events } = await read(fixture);
    const bytes = await readFile(fixture);
    const packed = Buffer.alloc(4);
    packed.writeUInt32LE(events.x[0]! * 2 ** 17 + events.y[0]! * 4 + events.polarity[0]! * 2 + 1);
    const at = bytes.indexOf(packed);
    expect(at).toBeGreaterThan(0);
    bytes.writeUInt32LE(400 * 2 ** 17 + 1, at);
    const damaged = await read(await written(bytes));
    expect(damaged.events.length).toBe(events.length - 1);
    expect(damaged.skipped).toMatchObject([{ reason: "outside-sensor", count: 1 }]);
  });
});

describe("a file that is cut off", () => {
  it.each(formats)("%s: what is left of 90 %% is read", async (_, write, options) => {
    const bytes = write(sound);
    const { events, skipped } = await read(
      await written(bytes.subarray(0, Math.round(0.9 * bytes.length) - 1)),
      options,
    );
    expect(events.length).toBeGreaterThan(0.8 * count);
    expect([...events.timestampsUs]).toEqual([...sound.timestampsUs.subarray(0, events.length)]);
    expect([...events.x]).toEqual([...sound.x.subarray(0, events.length)]);
    const reasons = skipped.map(({ reason }) => reason);
    expect(["cut-end", "no-event-line"]).toEqual(expect.arrayContaining(reasons));
  });

  it.each(formats.filter(([name]) => name !== "text"))(
    "%s: a stray byte at the end is said",
    async (name, write, options) => {
      const bytes = Buffer.concat([write(sound), Buffer.from([7])]);
      const { events, skipped } = await read(await written(bytes), options);
      expect(events.length).toBe(count);
      // The table at the end of AEDAT 4 may be followed by anything.
      if (!name.startsWith("AEDAT 4")) expect(skipped).toMatchObject([{ reason: "cut-end", count: 1 }]);
    },
  );
});

describe("HDF5 that is cut off", () => {
  async function cut(from: string, share: number): Promise<string> {
    const path = join(folder, "cut.h5");
    const bytes = await readFile(from);
    await writeFile(path, bytes.subarray(0, Math.round(share * bytes.length)));
    return path;
  }

  it.each(["packed", "plain"])(
    "in DSEC's layout, written as it was recorded, %s: what is left is read",
    async (kind) => {
      const whole = join(folder, "whole.h5");
      await writeGrowingFile(whole, sound, { isPacked: kind === "packed" });
      expect((await read(whole)).events).toEqual(sound);
      const path = await cut(whole, 0.9);
      const { events, skipped } = await read(path);
      expect(events.length).toBeGreaterThan(0.5 * count);
      expect(events.length).toBeLessThan(count);
      expect([...events.timestampsUs]).toEqual([...sound.timestampsUs.subarray(0, events.length)]);
      expect([...events.x]).toEqual([...sound.x.subarray(0, events.length)]);
      expect([...events.polarity]).toEqual([...sound.polarity.subarray(0, events.length)]);
      expect(skipped).toMatchObject([{ reason: "missing-events", count: count - events.length }]);
      await expect(read(path, { strict: true })).rejects.toThrow(/the end of a file that was cut off/);
    },
  );

  it("in DSEC's layout, one column after the other: is refused with the bytes that are missing", async () => {
    const whole = join(folder, "whole.h5");
    await writeDsecFile(whole, sound);
    await expect(read(await cut(whole, 0.9))).rejects.toThrow(/cut off after \d+ of \d+ bytes|none beside/);
  });

  it("DDD17: what is left is read, or refused with the bytes that are missing", async () => {
    const fixture = fileURLToPath(new URL("../../tests/fixtures/ddd17-small.hdf5", import.meta.url));
    const all = (await read(fixture)).events;
    for (const share of [0.99, 0.95, 0.9, 0.7, 0.5]) {
      const result = await read(await cut(fixture, share)).catch((error: unknown) => error);
      if (result instanceof DataFormatError) {
        expect(result.message).toMatch(/cut off/);
        continue;
      }
      const { events, skipped } = result as Awaited<ReturnType<typeof read>>;
      expect([...events.x]).toEqual([...all.x.subarray(0, events.length)]);
      if (events.length < all.length) expect(skipped).toMatchObject([{ reason: "cut-end" }]);
    }
  });
});

describe("other content that breaks a format", () => {
  it("reserved words of EVT 2.0 and EVT 3.0 are passed over", async () => {
    const evt2 = evt2File(sound);
    evt2.writeUInt32LE(0x30000000, evt2.length - 4);
    expect(await read(await written(evt2))).toMatchObject({
      events: { length: count - 1 },
      skipped: [{ reason: "reserved-word", count: 1 }],
    });
    const evt3 = Buffer.concat([evt3File(sound), Buffer.from([0, 0x90, 0, 0x90])]);
    expect(await read(await written(evt3))).toMatchObject({
      events: { length: count },
      skipped: [{ reason: "reserved-word", count: 2 }],
    });
  });

  it("a damaged packet of AEDAT 4 costs its events only", async () => {
    const bytes = aedat4File(sound, { ...sensor, packing: lz4Packing });
    const frame = Buffer.from([0x04, 0x22, 0x4d, 0x18]);
    // Of packets of 100 events, each followed by one of another stream, the third of the stream.
    let at = bytes.indexOf(frame);
    for (let i = 0; i < 4; i++) at = bytes.indexOf(frame, at + 1);
    bytes[at] = 0;
    const { events, skipped } = await read(await written(bytes));
    expect(events.length).toBe(count - 100);
    expect(skipped).toMatchObject([
      { reason: "damaged-packet", count: 1 },
      { reason: "missing-events", count: 100 },
    ]);
  });

  it("a recording of which nothing is usable is refused", async () => {
    const path = await written(datFile(sound, "% Version 2\n% Width 1\n% Height 1\n"));
    await expect(read(path, { strict: false })).rejects.toThrow(
      /expected usable events, received none beside \d+ events outside the sensor/,
    );
  });
});

describe("options", () => {
  it("a sensor that the file contradicts is refused", async () => {
    const path = await written(aedat4File(sound, sensor));
    await expect(read(path, { sensor: { width: 64, height: 64 } })).rejects.toThrow(OptionError);
    expect((await read(path, { sensor })).events.length).toBe(count);
  });

  it("of AEDAT 2.0 without a chip line the sensor says how addresses are read; a comment does not", async () => {
    const bare = aedat2DvsFile(sound)
      .toString("latin1")
      .replace(/# AEChip:[^\n]*\n/, "# written by davis-lab\n");
    const path = await written(Buffer.from(bare, "latin1"));
    await expect(read(path)).rejects.toThrow(
      /a header line AEChip .* received none; say it with --sensor WxH/,
    );
    await expect(read(path, { sensor: { width: 7, height: 7 } })).rejects.toThrow(/128x128/);
    const { events } = await read(path, { sensor });
    expect([...events.x, ...events.y]).toEqual([...sound.x, ...sound.y]);
  });
});

it("skipped events are described with their numbers and the first place", () => {
  const skipped: readonly Skipped[] = [
    { reason: "outside-sensor", count: 1, first: "byte 8: x 400, y 3" },
    { reason: "reserved-word", count: 3, first: "byte 90: type 9" },
  ];
  expect(describeSkipped(skipped)).toBe(
    "1 event outside the sensor (first: byte 8: x 400, y 3), 3 reserved words (first: byte 90: type 9)",
  );
});
