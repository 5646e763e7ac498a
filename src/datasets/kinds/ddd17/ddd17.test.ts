import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { DataFormatError, FileError, OptionError } from "../../../errors.js";
import { encodeMaskPng } from "../../../images/index.js";
import { uniform } from "../../../random/index.js";
import { npyOf } from "../../fixtures/npy.js";
import { put, temporaryFolder } from "../../fixtures/trees.js";
import { type Ddd17Spec, ddd17Transform, openDataset } from "../../index.js";
import { consecutiveRuns, frameName, naturalOrder } from "../../lists/frame-order.js";

const [HEIGHT, WIDTH] = [10, 14];
const root = temporaryFolder();
const context = { seed: 0, epoch: 0 };
const spec: Ddd17Spec = { name: "ddd17", root, imgSize: [10, 14] };

/** Events whose first channel is `number` at one pixel and 1 at another, so that frames can be told apart. */
function eventsOf(number: number): Float32Array {
  const data = new Float32Array(HEIGHT * WIDTH * 6);
  data.forEach((_, i) => {
    data[i] = uniform(number, i) < 0.2 ? 1 + (i % 6) : 0;
  });
  data[0] = 100 + number;
  return data;
}

function putFrame(folder: string, name: string, number: number): void {
  put(
    join(root, `events/${folder}/${name}.npy`),
    npyOf([HEIGHT, WIDTH, 6], eventsOf(number), { type: "<f8" }),
  );
  const data = Uint8Array.from({ length: HEIGHT * WIDTH }, (_, i) =>
    (i + number) % 7 === 6 ? 255 : (i + number) % 7,
  );
  put(join(root, `labels/${folder}/${name}.png`), encodeMaskPng({ height: HEIGHT, width: WIDTH, data }));
}

beforeAll(() => {
  for (const frame of [8, 9, 10, 11, 14, 15]) putFrame("train", `rec20_export_${frame}`, frame);
  for (const frame of [0, 1, 2]) putFrame("train", `rec3_export_${frame}`, 100 + frame);
  for (const frame of [3, 4]) putFrame("test", `rec100_export_${frame}`, 200 + frame);
  put(
    join(root, "datalists/some-new.txt"),
    "events/test/rec100_export_4.npy labels/test/rec100_export_4.png\n",
  );
});

describe("ddd17", () => {
  it("reads single frames in natural order, 2 or all 6 channels, void labels as 255", async () => {
    const train = await openDataset(spec, "train");
    expect(train).toMatchObject({ length: 9, channels: 2, frames: 0 });
    const ids = Array.from({ length: 9 }, (_, i) => train.id(i).replace("events/train/", ""));
    expect(ids.slice(0, 5)).toEqual([
      "rec3_export_0",
      "rec3_export_1",
      "rec3_export_2",
      "rec20_export_8",
      "rec20_export_9",
    ]);
    const { values, label } = await train.view(3);
    const events = eventsOf(8);
    for (let i = 0; i < HEIGHT * WIDTH; i++) {
      expect(values[i]).toBeCloseTo(events[6 * i]!, 5);
      expect(values[HEIGHT * WIDTH + i]).toBeCloseTo(events[6 * i + 1]!, 5);
    }
    expect([...new Set(label)].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 255]);
    const all = await openDataset({ ...spec, channels: 6 }, "train");
    expect((await all.read(0, context)).image).toHaveLength(6 * HEIGHT * WIDTH);
  });

  it("scales each channel, or each column, to ±0.5", async () => {
    const channel = (await (await openDataset(spec, "train")).read(3, context)).image;
    const events = eventsOf(8);
    const largest = Math.max(...events.filter((_, i) => i % 6 === 0));
    for (let i = 0; i < HEIGHT * WIDTH; i++)
      expect(channel[i]).toBeCloseTo(events[6 * i]! / largest - 0.5, 5);
    const column = (await (await openDataset({ ...spec, scaling: "column" }, "train")).read(3, context))
      .image;
    for (let x = 0; x < WIDTH; x++) {
      const values = Array.from({ length: HEIGHT }, (_, y) => column[y * WIDTH + x]!);
      expect(Math.min(...values)).toBe(-0.5);
      expect([-0.5, 0.5]).toContain(Math.max(...values));
    }
  });

  it("makes a constant channel −0.5", () => {
    const frame = { height: 4, width: 4, channels: 6, data: new Float32Array(96).fill(3) };
    const labels = { height: 4, width: 4, data: new Uint8Array(16) };
    for (const scaling of ["channel", "column"] as const) {
      const { image } = ddd17Transform(frame, labels, { size: [4, 4], channels: 2, scaling });
      expect(image.every((value) => value === -0.5)).toBe(true);
    }
  });

  it("forms sequences within one recording and without gaps, with the label of the last frame", async () => {
    const frames = await openDataset(spec, "train");
    const sequences = await openDataset({ ...spec, sequence: 3 }, "train");
    const ends = Array.from({ length: sequences.length }, (_, i) =>
      sequences.id(i).replace("events/train/", ""),
    );
    expect(ends).toEqual(["rec3_export_2", "rec20_export_10", "rec20_export_11"]);
    const { image, label } = await sequences.read(2, context);
    expect(image).toHaveLength(3 * 2 * HEIGHT * WIDTH);
    const singles = await Promise.all([4, 5, 6].map((i) => frames.read(i, context)));
    expect(Array.from(image)).toEqual(singles.flatMap((single) => Array.from(single.image)));
    expect(label).toEqual(singles[2]?.label);
    await expect(openDataset({ ...spec, sequence: 7 }, "train")).rejects.toThrow(
      /at least 7 consecutive frames/,
    );
  });

  it("augments all frames of a sequence alike", async () => {
    for (const frame of [0, 1]) putFrame("same", `rec7_export_${frame}`, frame);
    put(join(root, "events/same/rec7_export_1.npy"), npyOf([HEIGHT, WIDTH, 6], eventsOf(0)));
    const dataset = await openDataset({ ...spec, sequence: 2 }, "same", { augment: { kind: "geometric" } });
    const plain = await openDataset({ ...spec, sequence: 2 }, "same");
    const half = 2 * HEIGHT * WIDTH;
    for (let epoch = 0; epoch < 5; epoch++) {
      const { image, label } = await dataset.read(0, { seed: 0, epoch });
      expect(image.subarray(half)).toEqual(image.subarray(0, half));
      expect(label).not.toEqual((await plain.read(0, context)).label);
      expect(label.some((id) => id !== 255)).toBe(true);
    }
  });

  it("adds noise on the 0 … 255 scale before scaling", async () => {
    const salt = { kind: "salt-and-pepper", strength: 1 } as const;
    const { image } = await (await openDataset(spec, "test", { noise: salt })).read(0, context);
    expect(image.every((value) => Math.abs(value) === 0.5)).toBe(true);
  });

  it("takes lists, and the recordings of the ESS division", async () => {
    const some = await openDataset(spec, "some");
    expect([some.length, some.id(0)]).toEqual([1, "events/test/rec100_export_4"]);
    const ess = { ...spec, division: "ess" } as const;
    const val = await openDataset(ess, "val");
    expect(Array.from({ length: val.length }, (_, i) => val.id(i))[0]).toBe("events/train/rec20_export_8");
    await expect(openDataset(ess, "test")).rejects.toThrow(/over 7 recordings, received "test" and 3/);
    await expect(openDataset(ess, "other")).rejects.toThrow(DataFormatError);
  });
});

describe("errors of ddd17 name the file", () => {
  const frame = (name: string, events: Uint8Array, labels: Uint8Array) => {
    put(join(root, `events/bad/${name}.npy`), events);
    put(join(root, `labels/bad/${name}.png`), labels);
    put(join(root, "lists/bad.txt"), `events/bad/${name}.npy labels/bad/${name}.png\n`);
    return openDataset({ ...spec, lists: { bad: "lists/bad.txt" } }, "bad").then((dataset) =>
      dataset.read(0, context),
    );
  };
  const labels = (side: number, id = 0) =>
    encodeMaskPng({ height: side, width: side, data: new Uint8Array(side * side).fill(id) });
  const zeros = (count: number) => new Float32Array(count);

  it("wrong shapes, sizes, ids and numbers", async () => {
    await expect(frame("a", npyOf([4, 4], zeros(16)), labels(4))).rejects.toThrow(
      /a\.npy: expected an array of height x width x 6, received \[4, 4\]/,
    );
    await expect(frame("b", npyOf([4, 4, 5], zeros(80)), labels(4))).rejects.toThrow(/received \[4, 4, 5\]/);
    await expect(frame("c", npyOf([4, 4, 6], zeros(96)), labels(5))).rejects.toThrow(/c\.png: expected 4x4/);
    await expect(frame("d", npyOf([4, 4, 6], zeros(96)), labels(4, 6))).rejects.toThrow(
      /d\.png: expected ids 0 to 5/,
    );
    const broken = zeros(96);
    broken[7] = Number.NaN;
    await expect(frame("e", npyOf([4, 4, 6], broken), labels(4))).rejects.toThrow(
      /e\.npy: expected finite numbers, received NaN as element 7/,
    );
  });

  it("missing folders and lists, and a sequence that is none", async () => {
    await expect(openDataset(spec, "val")).rejects.toThrow(FileError);
    await expect(openDataset(spec, "val")).rejects.toThrow(/folders of events: /);
    put(join(root, "lists/odd.txt"), "events/test/rec100_export_4.npy\n");
    await expect(openDataset({ ...spec, lists: { test: "lists/odd.txt" } }, "test")).rejects.toThrow(
      /odd\.txt, line 1/,
    );
    await expect(openDataset({ ...spec, sequence: -1 }, "train")).rejects.toThrow(OptionError);
  });
});

describe("frame order", () => {
  it("counts numbers in names as numbers and breaks runs at gaps and recordings", () => {
    expect(["a10", "a9", "b1", "a01", "a1"].sort(naturalOrder)).toEqual(["a01", "a1", "a9", "a10", "b1"]);
    expect(frameName("events/train/rec14_export_7")).toEqual({
      recording: "events/train/rec14_export_",
      frame: 7,
    });
    const names = ["a1", "a2", "a4", "b5", "b6", "b7", "c", "c"].map(frameName);
    expect(consecutiveRuns(names)).toEqual([
      [0, 2],
      [2, 3],
      [3, 6],
      [6, 7],
      [7, 8],
    ]);
  });
});
