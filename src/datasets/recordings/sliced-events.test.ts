import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evt2File, randomEvents, textFile, writeDsecFile } from "../../../tests/event-writers.js";
import { DataFormatError, FileError, OptionError } from "../../errors.js";
import { countFrame, EventCollector } from "../../events/index.js";
import { encodeMaskPng } from "../../images/index.js";
import { openDataset } from "../index.js";

const offsetUs = 5_000_000;
const events = randomEvents(30_000, { width: 640, height: 480, seed: 11 });
/** The first label's window starts before the recording. */
const momentsUs = [30_000, 200_000, 300_000];
const imgSize = [440, 640] as const;

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "snnseg-sliced-"));
  const sequence = join(root, "train/zurich_city_00_a");
  await mkdir(join(sequence, "events/left"), { recursive: true });
  await writeDsecFile(join(sequence, "events/left/events.h5"), events, { offsetUs, chunk: 4096 });
  await writeRectifyMap(join(sequence, "events/left/rectify_map.h5"));
  for (const classes of [11, 19]) {
    for (const i of momentsUs.keys()) {
      const data = Uint8Array.from({ length: 440 * 640 }, (_, k) => (k % 97 === 0 ? 255 : (k + i) % classes));
      await put(
        `train/zurich_city_00_a/${classes}classes/00000${i}.png`,
        encodeMaskPng({ height: 440, width: 640, data }),
      );
    }
  }
  const times = momentsUs.map((t) => `${t + offsetUs}\n`).join("");
  await put("train/zurich_city_00_a/zurich_city_00_a_semantic_timestamps.txt", times);
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

/** A map that moves everything three columns to the right and one row up. */
async function writeRectifyMap(path: string): Promise<void> {
  const { File } = await import("h5wasm/node");
  const file = new File(path, "w");
  const data = Float32Array.from({ length: 480 * 640 * 2 }, (_, k) => {
    const pixel = k >> 1;
    return k % 2 === 0 ? (pixel % 640) + 3.2 : Math.floor(pixel / 640) - 0.9;
  });
  file.create_dataset({ name: "rectify_map", data, shape: [480, 640, 2], chunks: [48, 64, 2] });
  file.close();
}

/** Counts of the window of a moment, moved as the map says, `[2, 440, 640]`. */
function expectedCounts(momentUs: number, move: readonly [number, number]): Float32Array {
  const moved = new EventCollector();
  for (let i = 0; i < events.length; i++) {
    const [t, x, y] = [events.timestampsUs[i]!, events.x[i]! + move[0], events.y[i]! + move[1]];
    if (t < momentUs - 50_000 || t > momentUs || x >= 640 || y < 0 || y >= 440) continue;
    moved.push(t, x, y, events.polarity[i]!);
  }
  return countFrame(moved.take(), { height: 440, width: 640 });
}

describe("dsec", () => {
  it("rectifies, crops and counts the events of each label's window", async () => {
    const set = await openDataset({ name: "dsec", root, imgSize }, "train");
    expect([set.length, set.channels, set.classes.length]).toEqual([2, 2, 11]);
    expect(set.id(0)).toBe("zurich_city_00_a/000001");
    const { values, label } = await set.stored(1);
    expect(Buffer.from(values.buffer).equals(Buffer.from(expectedCounts(300_000, [3, -1]).buffer))).toBe(
      true,
    );
    expect([label[0], label[1]]).toEqual([255, 3]);
  });

  it("keeps the frames on the disk and gives the same again", async () => {
    const cache = join(root, "kept");
    const spec = {
      name: "dsec",
      root,
      imgSize: [32, 32],
      classes: 19,
      representation: "ev-segnet",
      cache,
    } as const;
    const set = await openDataset(spec, "train");
    const first = await set.read(0, { seed: 1, epoch: 0 });
    expect([set.channels, set.classes.length, first.image.length]).toEqual([6, 19, 6 * 32 * 32]);
    const [file] = await readdir(cache, { recursive: true }).then((names) =>
      names.filter((name) => name.endsWith(".npy")),
    );
    expect(await (await openDataset(spec, "train")).read(0, { seed: 1, epoch: 0 })).toEqual(first);
    // It is really that file that is read.
    const bytes = await readFile(join(cache, file!));
    await writeFile(join(cache, file!), bytes.subarray(0, -4));
    await expect((await openDataset(spec, "train")).read(0, { seed: 1, epoch: 0 })).rejects.toThrow(
      DataFormatError,
    );
  });

  it("says what is missing", async () => {
    await expect(openDataset({ name: "dsec", root, imgSize }, "test")).rejects.toThrow(FileError);
    const other = { name: "dsec", root, imgSize, representation: "voxel", bins: 0 } as const;
    await expect(openDataset(other, "train")).rejects.toThrow(OptionError);
  });
});

describe("events", () => {
  it("cuts recordings of any format beside their labels", async () => {
    const small = randomEvents(20_000, { width: 40, height: 30, seed: 12 });
    for (const [name, bytes] of [
      ["night.raw", evt2File(small)],
      ["day.txt", textFile(small)],
    ] as const) {
      await put(`val/${name}`, bytes);
      for (const time of [90_000, 150_000, 155_000]) {
        const data = new Uint8Array(30 * 40).fill(1);
        await put(`val/${name.split(".")[0]}/${time}.png`, encodeMaskPng({ height: 30, width: 40, data }));
      }
    }
    await put("val/notes.txt", "no recording");
    await put("dataset.json", JSON.stringify({ classes: ["road", "other"] }));
    const spec = { name: "events", root, imgSize: [30, 40], representation: "voxel", bins: 3 } as const;
    const set = await openDataset(spec, "val");
    expect([set.length, set.channels, set.classes]).toEqual([6, 3, ["road", "other"]]);
    expect(set.id(4)).toBe("night/1");
    const { values } = await set.stored(1);
    const inside = [...small.timestampsUs.keys()].filter(
      (i) => Math.abs(small.timestampsUs[i]! - 125_000) <= 25_000,
    );
    const signed = inside.reduce((sum, i) => sum + 2 * small.polarity[i]! - 1, 0);
    expect(values.reduce((a, b) => a + b, 0)).toBeCloseTo(signed, 2);
    // Both formats hold the same events, so both recordings give the same frame.
    expect((await set.stored(4)).values).toEqual(values);
  });
});
