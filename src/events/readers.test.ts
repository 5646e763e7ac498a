import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  aedat2DavisFile,
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
  textLines,
  writeDsecFile,
  zstdPacking,
} from "../../tests/event-writers.js";
import { sharedData } from "../../tests/shared-data.js";
import { DataFormatError, FileError } from "../errors.js";
import {
  type EventBatch,
  EventCollector,
  type EventFileOptions,
  type EventReader,
  eventStatistics,
  openDsecEvents,
  openEvents,
} from "./index.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-events-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function readAll(reader: EventReader): Promise<EventBatch> {
  const events = new EventCollector();
  for await (const batch of reader.batches()) events.append(batch);
  return events.take();
}

async function readBytes(bytes: Buffer, options: EventFileOptions = {}): Promise<EventBatch> {
  const path = join(folder, "no-extension");
  await writeFile(path, bytes);
  return readAll(await openEvents(path, options));
}

/** `toEqual` on columns of this length takes seconds. */
function expectSame(read: EventBatch, expected: EventBatch): void {
  expect(read.length).toBe(expected.length);
  for (const column of ["timestampsUs", "x", "y", "polarity"] as const) {
    const [a, b] = [read[column], expected[column]];
    expect([column, a.findIndex((value, i) => value !== b[i])]).toEqual([column, -1]);
  }
}

// More events than one piece of a file holds, so that the seams are tested.
const davis = randomEvents(70_000, { width: 346, height: 260, seed: 1 });
const vga = randomEvents(70_000, { width: 640, height: 480, seed: 2 });
const dvs = randomEvents(40_000, { width: 128, height: 128, seed: 3 });

describe("each format is recognised by its content and gives the events that were written", () => {
  const files = [
    ["text", "text", textFile(davis), davis],
    ["text that states its size", "text", Buffer.concat([Buffer.from("346 260\n"), textFile(davis)]), davis],
    ["DAT", "dat", datFile(vga, "% Version 2\n% Width 640\n% Height 480\n"), vga],
    ["EVT 2.0", "evt2", evt2File(vga), vga],
    ["EVT 3.0", "evt3", evt3File(vga), vga],
    ["EVT 3.0 by its format line", "evt3", evt3File(vga, "% format EVT3;height=480;width=640\n"), vga],
    ["AEDAT 2.0 of a DAVIS346", "aedat2", aedat2DavisFile(davis), davis],
    ["AEDAT 2.0 of a DVS128", "aedat2", aedat2DvsFile(dvs), dvs],
    ["AEDAT 3.1", "aedat3", aedat3File(dvs), dvs],
    ["AEDAT 4.0, plain", "aedat4", aedat4File(davis), davis],
    ["AEDAT 4.0, LZ4", "aedat4", aedat4File(davis, { packing: lz4Packing }), davis],
    ["AEDAT 4.0, Zstandard", "aedat4", aedat4File(davis, { packing: zstdPacking }), davis],
  ] as const;
  it.each(files)("%s", async (name, format, bytes, events) => {
    const path = join(folder, name.replaceAll(/\W+/g, "-"));
    await writeFile(path, bytes);
    const reader = await openEvents(path);
    expect(reader.format).toBe(format);
    expectSame(await readAll(reader), events);
    if (reader.declaredEvents !== undefined) expect(reader.declaredEvents).toBe(events.length);
  });

  it("N-MNIST, whose clock record adds 2^13 us", async () => {
    const events = randomEvents(300, { width: 34, height: 34, seed: 4 });
    expect(await readBytes(nmnistFile(events))).toEqual(events);
    const overflow = Buffer.from([0, 240, 0, 0, 0]);
    const twice = await readBytes(Buffer.concat([nmnistFile(events), overflow, nmnistFile(events)]));
    expect(twice.length).toBe(600);
    expect(twice.timestampsUs[300]).toBe(events.timestampsUs[0]! + 8192);
  });

  it("EVT 3.0 vectors give the pixels of the set bits, along the row", async () => {
    const events = new EventCollector();
    for (let k = 0; k < 17; k++) events.push(5000, 100 + k, 7, 1);
    events.push(5001, 3, 8, 0);
    const row = events.take();
    expect(await readBytes(evt3File(row))).toEqual(row);
  });

  it("DSEC with blosc, whose offset is added to the times", async () => {
    const path = join(folder, "events.h5");
    await writeDsecFile(path, vga, { offsetUs: 49_000_000_000, chunk: 4096 });
    const reader = await openEvents(path);
    expect([reader.format, reader.declaredEvents, reader.width]).toEqual(["dsec-hdf5", vga.length, 640]);
    const read = await readAll(reader);
    expectSame(read, { ...vga, timestampsUs: vga.timestampsUs.map((t) => t + 49_000_000_000) });
  });

  it("a DSEC window holds exactly the events of its time", async () => {
    const path = join(folder, "window.h5");
    const offsetUs = 7_000_123;
    await writeDsecFile(path, vga, { offsetUs, chunk: 4096 });
    const [start, end] = [offsetUs + 300_456, offsetUs + 350_321];
    const window = await (await openDsecEvents(path)).window(start, end);
    const times = vga.timestampsUs.map((t) => t + offsetUs).filter((t) => t >= start && t < end);
    expect(window.timestampsUs).toEqual(times);
    expect(window.length).toBeGreaterThan(1000);
  });

  it("DDD17 written by h5py, with frames, invalid events, empty rows and a clock overflow", async () => {
    const reader = await openEvents(fixture("ddd17-small.hdf5"));
    expect([reader.format, reader.width, reader.height]).toEqual(["ddd17-hdf5", 346, 260]);
    expect(textLines(await readAll(reader))).toBe(await readFile(fixture("ddd17-small.txt"), "utf8"));
  });

  function fixture(name: string): string {
    return fileURLToPath(new URL(`../../tests/fixtures/${name}`, import.meta.url));
  }
});

describe("clocks that run over", () => {
  it("EVT 3.0 counts its 16.8 s, AEDAT 2.0 and DAT their 71 minutes, AEDAT 3.1 its 36", async () => {
    const events = new EventCollector();
    for (let i = 0; i < 30; i++) events.push(1_000_000 * i, i, i, i % 2);
    const evt3 = events.take();
    expect((await readBytes(evt3File(evt3))).timestampsUs).toEqual(evt3.timestampsUs);
    for (const file of [aedat2DavisFile, datWrapped]) {
      for (let i = 0; i < 4; i++) events.push(2 ** 32 - 20 + 10 * i, i, i, 0);
      const expected = events.take();
      expect((await readBytes(file(expected))).timestampsUs).toEqual(expected.timestampsUs);
    }
    for (let i = 0; i < 100; i++) events.push(2 ** 31 + i, i, i, 0);
    const aedat3 = events.take();
    expect((await readBytes(aedat3File(aedat3))).timestampsUs).toEqual(aedat3.timestampsUs);
  });

  it("a late event of the round before stays there", async () => {
    const events = new EventCollector();
    for (const t of [2 ** 32 - 9, 2 ** 32 + 3, 2 ** 32 - 2, 2 ** 32 + 5]) events.push(t, 1, 1, 0);
    const expected = events.take();
    expect((await readBytes(datWrapped(expected))).timestampsUs).toEqual(expected.timestampsUs);
  });

  function datWrapped(events: EventBatch): Buffer {
    return datFile({ ...events, timestampsUs: events.timestampsUs.map((t) => t % 2 ** 32) });
  }
});

describe("text", () => {
  it("reads seconds, commas, comments and -1/1 polarities", async () => {
    const read = await readBytes(Buffer.from("# t x y p\n0.000001,3,4,-1\n\n1.5 5 6 1\r\n2.000000499 7 8 0"));
    expect([...read.timestampsUs]).toEqual([1, 1_500_000, 2_000_000]);
    expect([[...read.x], [...read.y], [...read.polarity]]).toEqual([
      [3, 5, 7],
      [4, 6, 8],
      [0, 1, 0],
    ]);
  });

  it("names the byte of a line that is no event", async () => {
    const lines = Buffer.from("1 2 3 1\n2 2 3 1\n3 2 x 1\n");
    expect((await readBytes(lines)).length).toBe(2);
    await expect(readBytes(lines, { strict: true })).rejects.toThrow(
      /byte 16: expected a line of 4 columns with an event, received "3 2 x 1"/,
    );
  });
});

describe("errors", () => {
  it("name the file and the byte", async () => {
    const dat = datFile(dvs);
    const strict = { strict: true };
    await expect(readBytes(dat.subarray(0, dat.length - 3), strict)).rejects.toThrow(DataFormatError);
    await expect(readBytes(dat.subarray(0, dat.length - 3), strict)).rejects.toThrow(
      new RegExp(`no-extension, byte ${dat.length - 8}: expected records of 8 bytes`),
    );
    const small = aedat4File(davis, { width: 100, height: 100 });
    await expect(readBytes(small, strict)).rejects.toThrow(
      /packet at byte \d+, event \d+: expected a pixel of a 100 x 100/,
    );
    await expect(readBytes(Buffer.from("hello"))).rejects.toThrow(/expected an event recording/);
    await expect(openEvents(join(folder, "nothing"))).rejects.toThrow(FileError);
    await expect(openEvents(folder)).rejects.toThrow(FileError);
  });

  it("name what a file of a known other kind is", async () => {
    const named = [
      ["#ROSBAG V2.0\n", "a ROS bag"],
      ["\x93NUMPY\x01\x00", "a NumPy array"],
      ["% evt 2.1\n% end\n", "EVT 2.1"],
      ["#!AER-DAT1.0\r\n", "another version of AEDAT"],
    ] as const;
    for (const [start, name] of named) {
      await expect(readBytes(Buffer.from(start, "latin1"))).rejects.toThrow(`received ${name}; `);
    }
  });
});

describe("eventStatistics", () => {
  it("counts events, polarities, times and the extent", async () => {
    const path = join(folder, "statistics.txt");
    await writeFile(path, "10 3 9 1\n30 5 2 0\n20 0 0 1\n1000010 1 1 1\n");
    expect(await eventStatistics(await openEvents(path))).toEqual({
      format: "text",
      width: undefined,
      height: undefined,
      extent: [6, 10],
      events: 4,
      declaredEvents: undefined,
      on: 3,
      off: 1,
      firstUs: 10,
      lastUs: 1_000_010,
      durationUs: 1_000_000,
      eventsPerSecond: 4,
      backwardSteps: 1,
      longestGap: { afterUs: 20, lengthUs: 999_990 },
      skipped: [],
    });
  });
});

// The counts are those of the README or, for AEDAT 4, of the file's own table. (The README quotes 118,651 for the
// DVXplorer file from its source's test, which parses the bytes of this AEDAT 4 file as AEDAT 2 records; the table
// in the file says 111,954.) The sums come from independent decoders in Python: numpy on the bytes, and for AEDAT 4
// the lz4 command with offsets looked up by hand.
describe.skipIf(!sharedData)("real recordings (skipped where the shared test data are not at hand)", () => {
  const golden = [
    [
      "davis346_sample.aedat4",
      [6676, 1589163147368868, 563632530, 721626, 1424056, 3563, 217736954],
      undefined,
    ],
    [
      "dvxplorer_sample.aedat4",
      [111954, 1605537493718345, 31685685498, 18342405, 15105898, 55023, 3515922818],
      111954,
    ],
    ["evt2_sample.raw", [539481, 1317888, 13364739784, 171811022, 110162026, 367855, 59109630992], undefined],
    ["sample_ncars.dat", [2009, 0, 98196680, 93457, 40463, 1350, 3322834], 2009],
    ["sample_nmnist.bin", [4325, 654, 687658855, 74457, 71931, 2145, 1811666], undefined],
    [
      "slider_depth_events_chunk.txt",
      [50000, 3811, 4534028334, 5741863, 5095686, 21147, 744345735],
      undefined,
    ],
  ] as const;
  it.each(golden)("%s", async (name, sums, declared) => {
    const reader = await openEvents(join(sharedData!, "events/recordings", name));
    expect(reader.declaredEvents).toBe(declared);
    const events = await readAll(reader);
    const first = events.timestampsUs[0]!;
    let [times, x, y, on, mixed] = [0, 0, 0, 0, 0];
    for (let i = 0; i < events.length; i++) {
      times += events.timestampsUs[i]! - first;
      x += events.x[i]!;
      y += events.y[i]!;
      on += events.polarity[i]!;
      mixed += events.x[i]! * events.y[i]! * (events.polarity[i]! + 1);
    }
    expect([events.length, first, times, x, y, on, mixed]).toEqual(sums);
    // And the way round through text gives the same events.
    expectSame(await readBytes(textFile(events)), events);
  });

  it("headerless binaries are reproduced byte by byte from their events", async () => {
    const recordings = join(sharedData!, "events/recordings");
    const nmnist = await readFile(join(recordings, "sample_nmnist.bin"));
    expect(nmnistFile(await readBytes(nmnist)).equals(nmnist)).toBe(true);
    const dat = await readFile(join(recordings, "sample_ncars.dat"));
    const again = datFile(await readBytes(dat));
    expect(again.subarray(-16072).equals(dat.subarray(-16072))).toBe(true);
  });
});
