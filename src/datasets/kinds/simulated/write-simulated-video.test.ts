import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DataFormatError, OptionError } from "../../../errors.js";
import { EventCollector, logIntensity, openEvents } from "../../../events/index.js";
import { encodeMaskPng, encodePicturePng } from "../../../images/index.js";
import { put, temporaryFolder } from "../../fixtures/trees.js";
import { openDataset } from "../open-dataset.js";
import { writeSimulatedVideo } from "./write-simulated-video.js";

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

/** A grey picture whose columns up to `edge` are dark. */
function edge(column: number, [height, width] = [6, 12]): Uint8Array {
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) =>
    Math.floor(i / 3) % width < column ? 40 : 120,
  );
  return encodePicturePng({ height, width, data });
}

/** Frames of an edge that moves left by a pixel from one to the next. */
function video(name: string, numbers: readonly number[]): string {
  for (const [k, number] of numbers.entries()) put(join(at(name), `frame_${number}.png`), edge(10 - k));
  return at(name);
}

describe("writeSimulatedVideo", () => {
  it("sends the events of the closed form between the frames, in a recording that other tools open", async () => {
    // Frames 8, 9, 10, 11: natural order, not that of letters.
    const source = video("moving", [8, 9, 10, 11]);
    const done: number[] = [];
    const written = await writeSimulatedVideo(
      { folder: source, fps: 100, sensorModel: "ideal" },
      { out: at("plain"), onFrame: (k) => done.push(k) },
    );
    expect(written).toMatchObject({ written: true, size: [6, 12], frames: 4, labels: 0 });
    expect(written.path).toBe(join(at("plain"), "train/moving.raw"));
    expect(done).toEqual([1, 2, 3, 4]);
    const reader = await openEvents(written.path);
    expect([reader.format, reader.width, reader.height]).toEqual(["evt3", 12, 6]);
    const all = new EventCollector();
    for await (const batch of reader.batches()) all.append(batch);
    const events = all.take();
    // Columns 9, 8, 7 rise by ln 3, five contrasts of 0.2, one column in each 10 ms.
    expect(events.length).toBe(3 * 5 * 6);
    const rise = logIntensity(120) - logIntensity(40);
    for (const [k, column] of [9, 8, 7].entries()) {
      const times = [...events.timestampsUs].filter((_, i) => events.x[i] === column && events.y[i] === 2);
      expect(times).toEqual([1, 2, 3, 4, 5].map((n) => Math.round(10_000 * (k + (0.2 * n) / rise))));
    }
    expect(events.polarity.every((polarity) => polarity === 1)).toBe(true);
    expect(readdirSync(at("plain")).sort()).toEqual(["simulation.json", "train"]);
    const again = await writeSimulatedVideo(
      { folder: source, fps: 100, sensorModel: "ideal" },
      { out: at("plain") },
    );
    expect(again).toMatchObject({ written: false, events: 0 });
  });

  it("gives videos with names of any script a recording each, and refuses another video's recording", async () => {
    const out = at("names");
    const write = (folder: string) => writeSimulatedVideo({ folder, fps: 30 }, { out });
    const one = await write(video("видео один", [1, 2]));
    const two = await write(video("видео два", [1, 2]));
    expect([one, two].map(({ path, written }) => [path, written])).toEqual([
      [join(out, "train/видео-один.raw"), true],
      [join(out, "train/видео-два.raw"), true],
    ]);
    const first = await write(video("clip1/frames", [1, 2]));
    await expect(write(video("clip2/frames", [1, 2]))).rejects.toThrow(
      new RegExp(
        `expected the recording ${first.path} to be this video's, received that of .*clip1/frames; rename`,
      ),
    );
    expect(await write(at("clip1/frames"))).toMatchObject({ written: false });
  });

  it("lays masks of some frames beside the recording, at their times and the sensor's size", async () => {
    const source = video("labelled", [0, 30, 60, 90]);
    const mask = (id: number) => encodeMaskPng({ height: 6, width: 12, data: new Uint8Array(72).fill(id) });
    put(at("masks/frame_0.png"), mask(1));
    put(at("masks/frame_60.png"), mask(2));
    put(at("masks/dataset.json"), JSON.stringify({ classes: ["a", "b", "c"] }));
    const result = await writeSimulatedVideo(
      { folder: source, fps: 30, masks: at("masks"), size: [3, 6] },
      { out: at("labels"), split: "val" },
    );
    // The first frame's has no events before it.
    expect(result).toMatchObject({ frames: 4, labels: 1, size: [3, 6] });
    expect(readdirSync(at("labels/val/labelled"))).toEqual(["66667.png"]);
    const set = await openDataset({ name: "events", root: at("labels"), imgSize: [3, 6] }, "val");
    expect([set.length, set.classes]).toEqual([1, ["a", "b", "c"]]);
    const { values, label } = await set.view(0);
    expect([...label]).toEqual(new Array(18).fill(2));
    expect(values.some((value) => value > 0)).toBe(true);
  });

  it("refuses one frame, gaps, other sizes, masks without frames, and settings that are mixed, and writes nothing", async () => {
    const out = at("refused");
    const write = (source: string, change: object = {}) =>
      writeSimulatedVideo({ folder: source, fps: 30, ...change }, { out });
    await expect(write(video("single", [1]))).rejects.toThrow(/expected two or more frames .*, received 1/);
    await expect(write(video("gap", [1, 2, 4]))).rejects.toThrow(
      /expected frame 3 after frame_2.png, received frame_4.png/,
    );
    const mixed = video("mixed", [1, 2]);
    put(join(mixed, "other_3.png"), edge(4));
    await expect(write(mixed)).rejects.toThrow(/received other_3.png after frame_2.png/);
    const sizes = video("sizes", [1, 2]);
    put(join(sizes, "frame_3.png"), edge(4, [6, 10]));
    await expect(write(sizes)).rejects.toThrow(
      /expected 6x12 \(height x width\) as of .*frame_1.png, received 6x10 in .*frame_3.png/,
    );
    put(at("lonely/frame_9.png"), encodeMaskPng({ height: 6, width: 12, data: new Uint8Array(72) }));
    put(at("lonely/dataset.json"), JSON.stringify({ classes: ["a"] }));
    const fine = video("fine", [1, 2]);
    await expect(write(fine, { masks: at("lonely") })).rejects.toThrow(/received frame_9 without a frame/);
    for (const name of ["frame_1.png", "frame_1.tif"]) put(at(`twice/${name}`), edge(1));
    await expect(write(fine, { masks: at("twice") })).rejects.toThrow(
      /twice: expected one file named frame_1, received frame_1.png and frame_1.tif; move one/,
    );
    await expect(write(at("nowhere"))).rejects.toThrow(/nowhere/);
    for (const fps of [0, -1, Number.NaN, 2e6])
      await expect(write(fine, { fps })).rejects.toThrow(OptionError);
    put(join(fine, "frame_3.png"), new Uint8Array(10));
    await expect(write(fine)).rejects.toThrow(DataFormatError);
    const stopped = new AbortController();
    stopped.abort();
    await expect(
      writeSimulatedVideo({ folder: mixed, fps: 30 }, { out, signal: stopped.signal }),
    ).rejects.toThrow();
    const left = existsSync(out) ? readdirSync(out, { recursive: true }) : [];
    expect(left.filter((name) => name !== "train")).toEqual([]);
    await expect(
      writeSimulatedVideo({ folder: at("moving"), fps: 50, sensorModel: "ideal" }, { out: at("plain") }),
    ).rejects.toThrow(/was begun with/);
  });
});
