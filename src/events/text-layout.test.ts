import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomEvents } from "../../tests/event-writers.js";
import { DataFormatError, OptionError } from "../errors.js";
import {
  type EventBatch,
  EventCollector,
  type EventFileOptions,
  openEvents,
  recogniseEvents,
} from "./index.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-text-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(text: string, options: EventFileOptions = {}): Promise<EventBatch> {
  const path = join(folder, "events.txt");
  await writeFile(path, text);
  const events = new EventCollector();
  for await (const batch of (await openEvents(path, options)).batches()) events.append(batch);
  return events.take();
}

const times = async (text: string, options: EventFileOptions = {}) => [
  ...(await read(text, options)).timestampsUs,
];

describe("one unit of time for a whole file", () => {
  it("seconds that %g writes without a point stay seconds", async () => {
    expect(await times("0.99999 1 1 1\n1 2 2 0\n1.00001 3 3 1\n")).toEqual([999_990, 1_000_000, 1_000_010]);
  });

  it("the only fraction may stand anywhere in the file", async () => {
    // Past the first lines and the first piece of the file.
    const lines = Array.from({ length: 50_000 }, (_, i) => `${i} ${i % 30} ${i % 20} 1\n`).join("");
    const read = await times(`${lines}50000.5 1 1 0\n`);
    expect([read[1], read.at(-1)]).toEqual([1_000_000, 50_000_500_000]);
  });

  it("whole numbers are microseconds however they are written", async () => {
    expect(await times("1e+06 1 1 1\n1.00001e+06 2 2 0\n2000020 3 3 1\n")).toEqual([
      1_000_000, 1_000_010, 2_000_020,
    ]);
    expect(
      await times("0.000e+00 1.000e+00 2.000e+00 0.000e+00\n5.000e+00 3.0e+00 4.0e+00 1.0e+00\n"),
    ).toEqual([0, 5]);
  });

  it("the option says it, and so does the header of a CSV file", async () => {
    const rows = "1000 3 4 1\n2500 5 6 0\n";
    expect(await times(rows)).toEqual([1000, 2500]);
    expect(await times(rows, { timeUnit: "ms" })).toEqual([1_000_000, 2_500_000]);
    expect(await times(rows, { timeUnit: "ns" })).toEqual([1, 3]);
    const csv = rows.replaceAll(" ", ",");
    expect(await times(`timestamp [ns],x,y,polarity\n${csv}`)).toEqual([1, 3]);
    expect(await times(`t_ms,x,y,p\n${csv}`)).toEqual([1_000_000, 2_500_000]);
    expect(await times(`t_ms,x,y,p\n${csv}`, { timeUnit: "us" })).toEqual([1000, 2500]);
  });

  it("Unix times: seconds with a fraction, microseconds, nanoseconds", async () => {
    const first = 1_487_339_175_123_456;
    expect(await times("1487339175.123456 1 2 1\n1487339175.223456 1 2 0\n")).toEqual([
      first,
      first + 100_000,
    ]);
    expect(await times(`${first} 1 2 1\n${first + 7} 1 2 0\n`)).toEqual([first, first + 7]);
    expect(await times("1487339175123456000 1 2 1\n1487339175123463000 1 2 0\n")).toEqual([first, first + 7]);
  });

  it("every written digit counts", async () => {
    const written = [
      "0.000001",
      "12.3456785",
      "123456.789012",
      "1.000000499",
      "4.6e-3",
      "1234567.0000014999999",
    ];
    const expected = written.map((text) => Math.round(Number(text) * 1e6));
    expect(await times(written.map((t) => `${t} 1 2 1\n`).join(""), { columns: "txyp" })).toEqual(expected);
  });
});

describe("columns", () => {
  const events = randomEvents(3000, { width: 60, height: 40, seed: 4, stepUs: 20 });
  const text = (order: string, separator = " ") =>
    [...events.timestampsUs]
      .map((t, i) => {
        const value = { t, x: events.x[i], y: events.y[i], p: events.polarity[i] } as const;
        return [...order].map((name) => value[name as "t"]).join(separator);
      })
      .join("\n");

  it.each(["txyp", "xytp", "xypt", "tpxy", "ptxy"])("%s is recognised by its values", async (order) => {
    // All within 65 ms, so that every column could be a pixel.
    expect(events.timestampsUs.at(-1)).toBeLessThan(65_536);
    expect(await read(text(order))).toEqual(events);
  });

  it("y before x needs to be said, by option or by header", async () => {
    expect(await read(text("yxtp"), { columns: "yxtp" })).toEqual(events);
    expect(await read(`y,x,time,pol\n${text("yxtp", ",")}`)).toEqual(events);
    expect(await read(`# p t y x\n${text("ptyx")}`)).toEqual(events);
  });

  it("further columns are left out where a header or the option names them", async () => {
    const wide = text("txyp", ";").replaceAll("\n", ";9\n");
    expect((await read(`t;x;y;p;cluster\n${wide};9`)).length).toBe(3000);
    expect((await read(`${wide};9`, { columns: "t,x,y,p,-" })).length).toBe(3000);
    await expect(read(wide)).rejects.toThrow(/expected an event recording/);
  });

  it("times that fall and columns that could be each other are refused", async () => {
    const shuffled = [...events.timestampsUs.keys()].map((i) => (i * 769) % 3000);
    const rows = shuffled.map((i) => `${events.timestampsUs[i]} ${events.x[i]} ${events.y[i]} 1`).join("\n");
    await expect(read(rows)).rejects.toThrow(/say their order with --columns/);
    expect((await read(rows, { columns: "txyp" })).length).toBe(3000);
    await expect(read(rows, { columns: "txy" })).rejects.toThrow(OptionError);
    await expect(read(rows)).rejects.toThrow(DataFormatError);
  });

  it("true and false are polarities, a byte-order mark and Windows line ends no content", async () => {
    const read_ = await read("\ufeff10 1 2 True\r\n11 3 4 False\r\n12 5 6 true\r\n");
    expect([[...read_.timestampsUs], [...read_.polarity]]).toEqual([
      [10, 11, 12],
      [1, 0, 1],
    ]);
  });
});

describe("other text is no recording", () => {
  it.each([
    ["motion sensor", "0.1 0.2 0.3 0.4 0.5 0.6 0.7\n0.2 0.2 0.3 0.4 0.5 0.6 0.7\n"],
    ["poses of four columns", "0.1 0.25 0.31 0.44\n0.2 0.26 0.33 0.46\n"],
    ["label times", "100000\n200000\n"],
    ["a list", "images/a.png labels/a.png\n"],
    ["a table of other names", "a,b,c,d\nx,y,z,w\n"],
  ])("%s", async (_, text) => {
    const path = join(folder, "other.txt");
    await writeFile(path, text);
    expect(await recogniseEvents(path)).toBeUndefined();
  });
});
