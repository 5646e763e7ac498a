import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aedat4File, randomEvents } from "../../../../tests/event-writers.js";
import { sharedData } from "../../../../tests/shared-data.js";
import { DataFormatError } from "../../../errors.js";
import { cropEvents, EventCollector, evSegNetChannels } from "../../../events/index.js";
import { encodeMaskPng } from "../../../images/index.js";
import { openDataset, prepareEvSegNet } from "../../index.js";
import { parseNpy } from "../../recordings/npy.js";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "snnseg-prepare-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Label pictures with stripes of all classes and void, named by their times. */
async function writeLabels(
  times: readonly number[],
  [height, width]: readonly [number, number],
): Promise<string> {
  const folder = join(root, "pictures");
  await mkdir(folder);
  for (const [i, time] of times.entries()) {
    const data = Uint8Array.from({ length: height * width }, (_, k) => [0, 1, 2, 3, 4, 5, 255][(k + i) % 7]!);
    await writeFile(join(folder, `${time}.png`), encodeMaskPng({ height, width, data }));
  }
  return folder;
}

const events = randomEvents(20_000, { width: 64, height: 48, seed: 8 });
const times = [60_000, 110_000, 160_000, 300_000];

async function writeRecording(): Promise<string> {
  const path = join(root, "rec7.aedat4");
  await writeFile(path, aedat4File(events, { width: 64, height: 48 }));
  return path;
}

describe("prepareEvSegNet", () => {
  it("writes frames, labels and the list, cut to the labels' size", async () => {
    const labels = await writeLabels(times, [40, 64]);
    const out = join(root, "out");
    const report = await prepareEvSegNet(await writeRecording(), { labels, out });
    expect(report).toEqual({ frames: 4, written: 4, empty: 0, suspicions: [] });
    expect(await readFile(join(out, "datalists/train-new.txt"), "utf8")).toBe(
      [0, 1, 2, 3]
        .map((i) => `events/train/rec7_export_${i}.npy labels/train/rec7_export_${i}.png\n`)
        .join(""),
    );
    const window = new EventCollector();
    for (let i = 0; i < events.length; i++) {
      const t = events.timestampsUs[i]!;
      if (t >= 110_000 && t <= 160_000) window.push(t, events.x[i]!, events.y[i]!, events.polarity[i]!);
    }
    const size = { height: 40, width: 64 };
    const expected = evSegNetChannels(cropEvents(window.take(), size), {
      ...size,
      startUs: 110_000,
      endUs: 160_000,
    });
    const written = parseNpy(await readFile(join(out, "events/train/rec7_export_2.npy")), "frame");
    expect(written).toEqual({ shape: [40, 64, 6], data: expected });
    expect(expected.some((value) => value > 1)).toBe(true);
  });

  it("opens as the data set ddd17, single and in sequences", async () => {
    const labels = await writeLabels(times, [40, 64]);
    const out = join(root, "out");
    await prepareEvSegNet(await writeRecording(), { labels, out, split: "test" });
    const single = await openDataset({ name: "ddd17", root: out, imgSize: [16, 16], channels: 6 }, "test");
    expect([single.length, single.channels]).toEqual([4, 6]);
    const sequence = await openDataset({ name: "ddd17", root: out, imgSize: [16, 16], sequence: 3 }, "test");
    const example = await sequence.read(0, { seed: 0, epoch: 0 });
    expect([sequence.length, example.image.length]).toEqual([2, 3 * 2 * 16 * 16]);
  });

  it("goes on where it was interrupted and leaves finished frames alone", async () => {
    const labels = await writeLabels(times, [40, 64]);
    const out = join(root, "out");
    const recording = await writeRecording();
    let frames = 0;
    const interrupted = prepareEvSegNet(recording, {
      labels,
      out,
      onFrame: () => {
        if (++frames === 2) throw new Error("interrupted");
      },
    });
    await expect(interrupted).rejects.toThrow("interrupted");
    const first = join(out, "events/train/rec7_export_0.npy");
    const before = (await stat(first)).mtimeMs;
    expect(await prepareEvSegNet(recording, { labels, out })).toEqual({
      frames: 4,
      written: 2,
      empty: 0,
      suspicions: [],
    });
    expect((await stat(first)).mtimeMs).toBe(before);
    expect((await readdir(join(out, "labels/train"))).length).toBe(4);
    expect(await prepareEvSegNet(recording, { labels, out })).toEqual({
      frames: 4,
      written: 0,
      empty: 0,
      suspicions: [],
    });
  });

  it("takes times from a file, and counts windows without events", async () => {
    const labels = await writeLabels([1, 2], [48, 64]);
    const timestamps = join(root, "times.txt");
    await writeFile(timestamps, "# us\n70000\n99000000\n");
    const report = await prepareEvSegNet(await writeRecording(), {
      labels,
      timestamps,
      out: join(root, "out"),
    });
    expect(report).toMatchObject({
      frames: 2,
      written: 2,
      empty: 1,
      suspicions: [{ code: "empty-windows" }],
    });
    expect(report.suspicions[0]!.message).toContain("1 of 2 labels (50 %) have no event");
    await writeFile(timestamps, "1487339175000000\n1487339175100000\n");
    const unix = prepareEvSegNet(await writeRecording(), { labels, timestamps, out: join(root, "out3") });
    await expect(unix).rejects.toThrow(/received none in any of 2; labels at 1487339175000000 .* Unix time/);
    await writeFile(timestamps, "70000\n");
    const few = prepareEvSegNet(await writeRecording(), { labels, timestamps, out: join(root, "out2") });
    await expect(few).rejects.toThrow(/a time for each of its 2 PNGs, received 1/);
  });

  it("refuses labels of other classes", async () => {
    const labels = await writeLabels([], [1, 1]);
    const data = new Uint8Array(48 * 64).fill(9);
    await writeFile(join(labels, "60000.png"), encodeMaskPng({ height: 48, width: 64, data }));
    await expect(prepareEvSegNet(await writeRecording(), { labels, out: join(root, "out") })).rejects.toThrow(
      DataFormatError,
    );
  });

  it.skipIf(!sharedData)(
    "prepares the DAVIS346 recording (skipped without the shared test data)",
    async () => {
      const first = 1_589_163_147_368_868;
      const labels = await writeLabels([first + 60_000, first + 110_000, first + 160_000], [200, 346]);
      const out = join(root, "out");
      const recording = join(sharedData!, "events/recordings/davis346_sample.aedat4");
      expect(await prepareEvSegNet(recording, { labels, out })).toEqual({
        frames: 3,
        written: 3,
        empty: 0,
        suspicions: [],
      });
      const set = await openDataset({ name: "ddd17", root: out, imgSize: [64, 64] }, "train");
      expect((await set.read(0, { seed: 0, epoch: 0 })).image.some((value) => value > 0.4)).toBe(true);
    },
  );
});
