import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTinyData } from "../../../../tests/cli/tiny-data.js";
import { OptionError } from "../../../errors.js";
import {
  EventCollector,
  evSegNetChannels,
  openDsecEvents,
  openEvents,
  readRectifyMap,
  rectifyEvents,
  sliceByTime,
  subBatch,
} from "../../../events/index.js";
import { parseNpy } from "../../recordings/npy.js";
import { openDataset } from "../open-dataset.js";
import type { SimulatedSpec } from "./simulated.js";
import { writeSimulated } from "./write-simulated.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-write-simulated-"));
const root = join(folder, "pictures");
const out = (name: string) => join(folder, name);
beforeAll(() => writeTinyData(root, { train: 3, val: 1 }));
afterAll(() => rmSync(folder, { recursive: true }));

const spec: SimulatedSpec = { name: "simulated", root, imgSize: [24, 32], sensorModel: "noisy" };

describe("writeSimulated", () => {
  it("writes frames that ddd17 reads, and recordings that events reads, of the same events", async () => {
    const frames = await writeSimulated(spec, { out: out("ddd17"), split: "train", frames: 2, seed: 5 });
    const recordings = await writeSimulated(spec, {
      out: out("events"),
      split: "train",
      layout: "events",
      frames: 2,
      seed: 5,
    });
    expect(recordings).toEqual(frames);
    expect(frames).toMatchObject({ pictures: 3, written: 3 });
    const reader = await openEvents(join(out("events"), "train/images-train-0.raw"));
    expect([reader.format, reader.width, reader.height]).toEqual(["evt3", 32, 24]);
    const all = new EventCollector();
    for await (const batch of reader.batches()) all.append(batch);
    const read = all.take();
    const npy = (k: number) => {
      const path = join(out("ddd17"), `events/train/images-train-0_${k}.npy`);
      return parseNpy(readFileSync(path), path);
    };
    async function* whole() {
      yield read;
    }
    let k = 0;
    for await (const { events } of sliceByTime(whole(), { durationUs: 50_000, startUs: 0 })) {
      const span = { height: 24, width: 32, startUs: k * 50_000, endUs: (k + 1) * 50_000 };
      if (k < 2) expect(npy(k)).toMatchObject({ shape: [24, 32, 6], data: evSegNetChannels(events, span) });
      k++;
    }
    const imgSize = [24, 32] as const;
    const asFrames = await openDataset({ name: "ddd17", root: out("ddd17"), imgSize, channels: 2 }, "train");
    const asRecordings = await openDataset({ name: "events", root: out("events"), imgSize }, "train");
    expect([asFrames.length, asRecordings.length]).toEqual([6, 6]);
    expect(asFrames.classes).toEqual(asRecordings.classes);
    for (const index of [0, 1, 5]) {
      expect((await asFrames.view(index)).label).toEqual((await asRecordings.view(index)).label);
    }
    const pairs = await openDataset({ name: "ddd17", root: out("ddd17"), imgSize, sequence: 2 }, "train");
    expect(pairs.length).toBe(3);
  });

  it("writes a file for every picture, also where names are not of Latin letters, and refuses two that become one", async () => {
    const named = join(folder, "named");
    writeTinyData(named, { train: 2, val: 1 });
    const rename = (names: readonly string[]) => {
      const lines = names.map((name, k) => {
        copyFileSync(join(named, `images/train-${k}.png`), join(named, `${name}.png`));
        return `${name}.png\tmasks/train-${k}.png`;
      });
      writeFileSync(join(named, "train.txt"), lines.join("\n"));
    };
    const write = (name: string) =>
      writeSimulated({ ...spec, root: named }, { out: out(name), split: "train" });
    rename(["猫", "犬"]);
    expect(await write("scripts")).toMatchObject({ pictures: 2, written: 2 });
    expect(existsSync(join(out("scripts"), "events/train/犬_0.npy"))).toBe(true);
    rename(["a b", "a-b"]);
    await expect(write("same")).rejects.toThrow(/received a b and a-b, which both become a-b; rename/);
    expect(existsSync(out("same"))).toBe(false);
  });

  it("writes sequences in DSEC's layout that dsec reads, of the same events, labels and classes", async () => {
    const options = { split: "train", frames: 2, seed: 5 } as const;
    await writeSimulated(spec, { ...options, out: out("raw"), layout: "events" });
    await writeSimulated(spec, { ...options, out: out("dsec"), layout: "dsec" });
    const all = async (path: string) => {
      const events = new EventCollector();
      for await (const batch of (await openEvents(path)).batches()) events.append(batch);
      return events.take();
    };
    const sequence = join(out("dsec"), "train/images-train-0");
    const path = join(sequence, "events/left/events.h5");
    const expected = await all(join(out("raw"), "train/images-train-0.raw"));
    expect(expected.length).toBeGreaterThan(50);
    expect(await all(path)).toEqual(expected);
    const reader = await openDsecEvents(path);
    expect([reader.format, reader.width, reader.height]).toEqual(["dsec-hdf5", 32, 24]);
    // Through the index by milliseconds.
    const [from, to] = [40_000, 60_000].map((time) => expected.timestampsUs.findIndex((t) => t >= time));
    const window = await reader.window(40_000, 60_000);
    expect(window).toEqual(subBatch(expected, from!, to!));
    expect(window.length).toBeGreaterThan(0);
    const map = await readRectifyMap(join(sequence, "events/left/rectify_map.h5"));
    expect(rectifyEvents(expected, map, { height: 24, width: 32 })).toEqual(expected);
    const imgSize = [24, 32] as const;
    const asDsec = await openDataset({ name: "dsec", root: out("dsec"), imgSize }, "train");
    const asEvents = await openDataset({ name: "events", root: out("raw"), imgSize }, "train");
    expect([asDsec.length, asDsec.classes, asDsec.colors]).toEqual([6, asEvents.classes, asEvents.colors]);
    for (const index of [0, 1, 5]) {
      const { id, ...same } = await asEvents.view(index);
      expect(await asDsec.view(index)).toMatchObject(same);
    }
    const twice = openDataset({ name: "dsec", root: out("dsec"), imgSize, classes: 19 }, "train");
    await expect(twice).rejects.toThrow(/expected the classes of .*dataset.json, received 19/);
  });

  it("writes recordings without events in DSEC's layout, as of a camera that stands still", async () => {
    const still = { out: out("still"), split: "val", layout: "dsec" } as const;
    await writeSimulated({ ...spec, sensorModel: "ideal", motion: 0 }, still);
    const path = join(out("still"), "val/images-val-0/events/left/events.h5");
    const reader = await openDsecEvents(path);
    expect([reader.declaredEvents, reader.width, reader.height]).toEqual([0, 32, 24]);
    expect((await reader.window(0, 50_000)).length).toBe(0);
  });

  it("goes on where it ended, and is the same then as in one go", async () => {
    const stopped = new AbortController();
    const onPicture = (done: number) => done === 2 && stopped.abort();
    const broken = { out: out("broken"), split: "train", seed: 5 };
    await writeSimulated(spec, { ...broken, onPicture, signal: stopped.signal });
    expect(existsSync(join(out("broken"), "events/train/images-train-2_0.npy"))).toBe(false);
    expect(await writeSimulated(spec, broken)).toMatchObject({ pictures: 3, written: 1 });
    await writeSimulated(spec, { ...broken, out: out("whole") });
    for (const n of [0, 1, 2]) {
      const file = `events/train/images-train-${n}_0.npy`;
      expect(readFileSync(join(out("broken"), file))).toEqual(readFileSync(join(out("whole"), file)));
    }
  });

  it("refuses to mix settings, to write among the pictures, and what is none", async () => {
    const begun = { out: out("begun"), split: "val" };
    await writeSimulated(spec, begun);
    await expect(writeSimulated({ ...spec, sensorModel: "ideal" }, begun)).rejects.toThrow(
      /expected the settings that .* was begun with/,
    );
    await expect(writeSimulated({ ...spec, imgSize: [48, 64] }, begun)).rejects.toThrow(OptionError);
    await expect(writeSimulated(spec, { ...begun, seed: 2 })).rejects.toThrow(OptionError);
    await expect(writeSimulated(spec, { ...begun, out: root })).rejects.toThrow(
      /expected another folder than the pictures'/,
    );
    await expect(writeSimulated(spec, { ...begun, frames: 0 })).rejects.toThrow(OptionError);
  });
});
