import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { datFile, randomEvents, writeDsecFile } from "../../../tests/event-writers.js";
import { sharedFolder } from "../../../tests/shared-data.js";
import { DataFormatError } from "../../errors.js";
import { encodeMaskPng } from "../../images/index.js";
import { openDataset } from "../index.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-clock-"));
afterAll(() => rmSync(folder, { recursive: true }));

const events = randomEvents(20_000, { width: 24, height: 16, seed: 8, stepUs: 100 });
const endUs = events.timestampsUs.at(-1)!;
const header = "% Version 2\n% Width 24\n% Height 16\n";

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

const mask = (height: number, width: number) =>
  encodeMaskPng({ height, width, data: new Uint8Array(height * width) });

/** A data set of one recording whose labels have these times. */
function written(name: string, times: readonly number[], recording = datFile(events, header)): string {
  const root = join(folder, name);
  put(join(root, "dataset.json"), JSON.stringify({ classes: ["a", "b"] }));
  put(join(root, "train/drive.dat"), recording);
  times.forEach((_, i) => {
    put(join(root, `train/drive/${String(i).padStart(6, "0")}.png`), mask(16, 24));
  });
  put(join(root, "train/drive/timestamps.txt"), times.map((time) => `${time}\n`).join(""));
  return root;
}

const spec = (root: string) => ({ name: "events", root, imgSize: [16, 24] }) as const;
const moments = [100_000, 200_000, 300_000, 400_000, 500_000];

describe("labels on another clock", () => {
  it.each([
    ["Unix time", moments.map((t) => t + 1_487_339_175_000_000)],
    ["nanoseconds", moments.map((t) => 1000 * t)],
    ["milliseconds", moments.map((t) => t / 1000)],
    ["frame numbers", [0, 1, 2, 3, 4]],
  ])("%s: all windows are empty, so opening is refused with both ranges", async (clock, times) => {
    const opening = openDataset(spec(written(`clock-${clock.replace(" ", "-")}`, times)), "train");
    await expect(opening).rejects.toThrow(DataFormatError);
    await expect(opening).rejects.toThrow(
      new RegExp(
        `labels at ${times[0]} to ${times.at(-1)} us, events of \\S+ at ${events.timestampsUs[0]} to ${endUs} us, .* ${clock}`,
      ),
    );
  });

  it("frame numbers in the names of labels are no times either", async () => {
    const root = written("names", moments);
    rmSync(join(root, "train/drive/timestamps.txt"));
    await expect(openDataset(spec(root), "train")).rejects.toThrow(/frame numbers/);
  });

  it("some empty windows are a finding with their share", async () => {
    const root = written("some", [...moments.slice(0, 3), endUs + 60_000, endUs + 90_000]);
    const { suspicions, length } = await openDataset(spec(root), "train");
    expect(length).toBe(5);
    expect(suspicions).toMatchObject([{ code: "empty-windows" }]);
    expect(suspicions[0]!.message).toContain(
      "drive.dat: 2 of 5 labels (40 %) have no event in the 50000 us before",
    );
    expect((await openDataset(spec(written("none", moments)), "train")).suspicions).toEqual([]);
  });

  it("labels smaller than what the sensor shows are a finding, as frames have their size", async () => {
    const root = written("small-labels", moments);
    for (const i of moments.keys()) {
      put(join(root, `train/drive/${String(i).padStart(6, "0")}.png`), mask(8, 24));
    }
    const { suspicions } = await openDataset(spec(root), "train");
    expect(suspicions).toMatchObject([{ code: "label-size" }]);
    expect(suspicions[0]!.message).toMatch(
      /drive\.dat: events reach over 24x16 pixels and labels over 24x8 \(width x height\): .* cut off/,
    );
  });

  it("DSEC's labels are held against the clock of its recording", async () => {
    const sequence = join(folder, "dsec/train/city");
    mkdirSync(sequence, { recursive: true });
    await writeDsecFile(join(sequence, "events.h5"), events, { offsetUs: 49_000_000_000 });
    const { File } = await import("h5wasm/node");
    const map = new File(join(sequence, "rectify_map.h5"), "w");
    map.create_dataset({ name: "rectify_map", data: new Float32Array(480 * 640 * 2), shape: [480, 640, 2] });
    map.close();
    const times = (from: number) => moments.map((t) => `${t + from}\n`).join("");
    for (const i of moments.keys()) put(join(sequence, `11classes/00000${i}.png`), mask(440, 640));
    const dsec = { name: "dsec", root: join(folder, "dsec"), imgSize: [44, 64] } as const;
    put(join(sequence, "city_semantic_timestamps.txt"), times(0));
    await expect(openDataset(dsec, "train")).rejects.toThrow(
      /labels at 100000 to 500000 us, events of \S+ at 4900\d+ to 4900\d+ us/,
    );
    put(join(sequence, "city_semantic_timestamps.txt"), times(49_000_000_000));
    expect(await openDataset(dsec, "train")).toMatchObject({ length: 5, suspicions: [] });
    // Of damage, a few windows are looked at: the first label's is one of them.
    const within = events.timestampsUs.findIndex((timeUs) => timeUs > 90_000);
    const x = events.x.map((column, i) => (i === within ? 700 : column));
    const sensor = { width: 640, height: 480 };
    await writeDsecFile(join(sequence, "events.h5"), { ...events, x }, { offsetUs: 49_000_000_000, sensor });
    const { suspicions } = await openDataset(dsec, "train");
    expect(suspicions).toMatchObject([{ code: "skipped-events" }]);
    expect(suspicions[0]!.message).toMatch(
      /left out 1 event outside the sensor .* in the 3 windows looked at; --strict refuses/,
    );
  });
});

describe("damage", () => {
  const damaged = { ...events, x: events.x.map((x, i) => (i === 900 ? 30 : x)) };

  it("is a finding, and with strict an error", async () => {
    const root = written("damaged", moments, datFile(damaged, header));
    const { suspicions } = await openDataset(spec(root), "train");
    expect(suspicions).toMatchObject([{ code: "skipped-events", files: [join(root, "train/drive.dat")] }]);
    expect(suspicions[0]!.message).toContain("left out 1 event outside the sensor (first: byte");
    const strict = { ...spec(root), reading: { strict: true } };
    await expect(openDataset(strict, "train")).rejects.toThrow(/expected a pixel of a 24 x 16 sensor/);
  });

  it("is looked for once a recording, and the frames are cut all the same", async () => {
    const root = written("once", moments, datFile(damaged, header));
    const set = await openDataset(spec(root), "train");
    const { values } = await set.stored(0);
    const inside = [...damaged.timestampsUs.keys()].filter(
      (i) => damaged.x[i]! < 24 && damaged.timestampsUs[i]! >= 50_000 && damaged.timestampsUs[i]! <= 100_000,
    );
    expect(values.reduce((a, b) => a + b)).toBe(inside.length);
    const surveys = join(root, ".event-frames/surveys");
    const [kept] = readdirSync(surveys);
    writeFileSync(
      join(surveys, kept!),
      JSON.stringify({ events: 0, momentsUs: moments, emptyWindows: 0, skipped: [] }),
    );
    expect((await openDataset(spec(root), "train")).suspicions).toEqual([]);
  });
});

const cases = sharedFolder("cases");
describe.skipIf(!cases)("inputs that went wrong (skipped where they are not at hand)", () => {
  const at = (name: string) => ({ ...spec(join(cases!, name)), cache: join(folder, name) });

  it("ev_oneoob/ opens with a finding", async () => {
    const { length, suspicions } = await openDataset(at("ev_oneoob"), "train");
    expect([length, suspicions.map(({ code }) => code)]).toEqual([9, ["skipped-events"]]);
  });

  it("ev_unix/ is refused with both ranges", async () => {
    await expect(openDataset(at("ev_unix"), "train")).rejects.toThrow(
      /labels at 1487339175000000 to 1487339175400000 us, events of \S+drive.dat at 0 to 999950 us/,
    );
  });
});
