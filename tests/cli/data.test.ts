/** `snnseg data`, in this process, on files that the test makes and on the optional test material. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runProgram } from "../../src/cli/program.js";
import { encodePicturePng } from "../../src/images/index.js";
import { aedat4File, datFile, randomEvents, textFile } from "../event-writers.js";
import { sharedData } from "../shared-data.js";
import { writeTinyData } from "./tiny-data.js";
import { labelPng, put, writeTinyDdd17 } from "./tiny-events.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-data-"));
const at = (...parts: string[]) => join(folder, ...parts);
const events = randomEvents(4000, { width: 24, height: 16, seed: 5 });

beforeAll(() => {
  writeTinyData(at("pictures"));
  writeTinyDdd17(at("ddd17"));
  put(at("recordings/a.aedat4"), aedat4File(events, { width: 24, height: 16 }));
  put(at("recordings/deep/b.bin"), datFile(events));
  put(at("recordings/notes.md"), "# no recording\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

async function data(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const streams = { out: new PassThrough(), err: new PassThrough() };
  const code = await runProgram(["data", ...words], streams);
  const textOf = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? "";
  return { code, out: textOf(streams.out), err: textOf(streams.err) };
}

async function json(...words: string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await data(...words, "--json");
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as Record<string, unknown>;
}

const pictures = ["--dataset", "folder", "--root", at("pictures")];

describe("data stats", () => {
  it("counts both splits, each for itself and together", async () => {
    const stats = await json("stats", ...pictures, "--picture", at("classes.png"));
    expect(stats).toMatchObject({
      ...{
        dataset: "folder",
        examples: 9,
        size: [12, 16],
        pixels: 9 * 192,
        voidPixels: 9 * 16,
        voidExamples: 9,
      },
      splits: [
        { split: "train", examples: 6 },
        { split: "val", examples: 3 },
      ],
      picture: at("classes.png"),
    });
    const classes = stats.classes as { name: string; pixels: number; share: number }[];
    expect(classes.map(({ name }) => name)).toEqual(["dark", "bright"]);
    expect(classes[0]!.share + classes[1]!.share).toBeCloseTo(1, 12);
    expect((await sharp(at("classes.png")).metadata()).format).toBe("png");
    const { out } = await data("stats", ...pictures, "--split", "val");
    expect(out).toMatch(/^val +12x16 +3 +576 +8\.33 % +3$/m);
    expect(out).toMatch(/^bright +▇+ +\d+\.\d\d % +3$/m);
  });

  it("counts recordings of a folder by their content, or one", async () => {
    const all = await json(
      "stats",
      "--dataset",
      "events",
      "--root",
      at("recordings"),
      "--picture",
      at("r.png"),
    );
    expect(all).toMatchObject({ events: 8000, recordings: [{ format: "aedat4" }, { format: "dat" }] });
    expect(existsSync(at("r.png"))).toBe(true);
    const durationUs = events.timestampsUs.at(-1)! - events.timestampsUs[0]!;
    const one = await json("stats", "--dataset", "events", "--root", at("recordings/deep/b.bin"));
    expect(one).toMatchObject({
      format: "dat",
      events: 4000,
      declaredEvents: 4000,
      durationUs,
      backwardSteps: 0,
    });
    expect(one.eventsPerSecond).toBeCloseTo((4000 * 1e6) / durationUs, 6);
    const { out } = await data("stats", "--dataset", "events", "--root", at("recordings"));
    expect(out).toMatch(/^deep\/b\.bin +dat .*\n2 recordings, 8000 events$/m);
  });

  it("counts event frames and the material of digits", async () => {
    expect(await json("stats", "--dataset", "ddd17", "--root", at("ddd17"), "--channels", "6")).toMatchObject(
      {
        ...{ examples: 12, size: [20, 34], channels: Array.from({ length: 6 }, () => ({ min: 0, max: 4 })) },
        splits: [
          { split: "train", examples: 8 },
          { split: "test", examples: 4 },
        ],
      },
    );
    const digits = ["--dataset", "digits", "--img-size", "16", "--digits-train", "4", "--digits-val", "2"];
    expect(await json("stats", ...digits)).toMatchObject({
      examples: 6,
      sources: [{ split: "train" }, { split: "val", digits: expect.arrayContaining([expect.any(Number)]) }],
    });
  });

  it("ends with what is suspicious, as text and in JSON", async () => {
    const root = writeTinyData(at("suspicious"));
    writeFileSync(join(root, "val.txt"), readFileSync(join(root, "train.txt")));
    const words = ["stats", "--dataset", "folder", "--root", root] as const;
    const { out } = await data(...words);
    expect(out.trimEnd().split("\n").slice(-2)).toEqual([
      "suspicious:",
      expect.stringMatching(
        /^ {2}6 pictures are in two splits: .*train-0\.png of train is .*train-0\.png of val, …$/,
      ),
    ]);
    expect(await json(...words)).toMatchObject({ suspicions: [{ code: "duplicates" }] });
    const { out: sound } = await data("stats", "--dataset", "folder", "--root", writeTinyData(at("sound")));
    expect(sound).toMatch(/\nsuspicious: nothing found\n$/);
  });

  it("refuses what is not there, or not of this data set", async () => {
    const missing = await data("stats", "--dataset", "folder", "--root", at("none"));
    expect(missing.code).toBe(1);
    expect(missing.err).toMatch(/^error: .*none/);
    expect(await data("stats", ...pictures, "--bins", "3")).toMatchObject({ code: 2 });
    expect((await data("stats", "--dataset", "voc2O12", "--root", "x")).err).toContain(
      "did you mean voc2012?",
    );
    expect((await data("statz")).err).toContain("did you mean stats?");
    const other = await data("stats", "--dataset", "events", "--root", at("recordings/notes.md"));
    expect(other).toMatchObject({ code: 1 });
  });
});

describe("data show", () => {
  it("draws random examples by the seed, or chosen ones, and prints the path", async () => {
    const file = at("show.png");
    const show = (...words: string[]) =>
      json("show", ...pictures, "--split", "train", "--picture", file, ...words);
    const drawn = (seed: number) => show("--pictures", "2", "--seed", String(seed));
    const first = await drawn(1);
    expect(first).toMatchObject({
      split: "train",
      examples: 6,
      picture: file,
      classes: ["dark", "bright", "void"],
    });
    expect(await drawn(1)).toEqual(first);
    const seeds = await Promise.all([2, 3, 4].map(drawn));
    expect(seeds.some(({ shown }) => JSON.stringify(shown) !== JSON.stringify(first.shown))).toBe(true);
    const chosen = await show("--examples", "images/train-3", "--img-size", "6");
    expect(chosen.shown).toEqual([{ id: "images/train-3", size: [6, 6] }]);
    const { out } = await data("show", ...pictures, "--picture", file);
    expect(out).toBe(`picture ${file}\n`);
    const wrong = await data("show", ...pictures, "--examples", "images/train-3", "--split", "val");
    expect(wrong).toMatchObject({ code: 2 });
  });

  it("draws sequences as a strip and as an animation", async () => {
    const words = ["--dataset", "ddd17", "--root", at("ddd17"), "--sequence", "3", "--pictures", "1"];
    const shown = await json("show", ...words, "--picture", at("s.png"), "--animation", at("s.gif"));
    expect(shown).toMatchObject({ split: "test", frames: 3, animation: at("s.gif") });
    expect(await sharp(at("s.gif")).metadata()).toMatchObject({ pages: 3 });
    const still = await data(
      "show",
      ...words.slice(0, 4),
      "--picture",
      at("s.png"),
      "--animation",
      at("t.gif"),
    );
    expect(still.err).toMatch(/--animation: .*--sequence T/);
    expect(await data("show", ...pictures, "--sequence", "3")).toMatchObject({ code: 2 });
  });

  it("draws recordings, over time and as an animation", async () => {
    const words = ["--dataset", "events", "--root", at("recordings/a.aedat4"), "--window-us", "20000"];
    await json("show", ...words, "--picture", at("e.png"), "--animation", at("e.webp"));
    expect((await sharp(at("e.webp")).metadata()).pages).toBeGreaterThan(2);
    const image = sharp(at("e.png"));
    const { dominant } = await image.stats();
    expect(Math.min(dominant.r, dominant.g, dominant.b)).toBeGreaterThan(200);
  });
});

describe("data lists", () => {
  it("writes lists, refuses to replace others, and checks them", async () => {
    const root = ["--dataset", "ddd17", "--root", at("ddd17")];
    const written = await json("lists", ...root, "--multiple-of", "2", "--out", at("lists"));
    expect(written).toMatchObject({ valid: true, lists: [{ examples: 4 }, { examples: 6 }] });
    expect(readFileSync(at("lists/train-new.txt"), "utf8").split("\n")[0]).toBe(
      "events/train/rec14_export_3.npy labels/train/rec14_export_3.png",
    );
    writeFileSync(at("lists/train-new.txt"), "mine\n");
    expect((await data("lists", ...root, "--out", at("lists"))).err).toMatch(/received one; add --overwrite/);
    expect(await data("lists", ...root, "--out", at("lists"), "--overwrite")).toMatchObject({ code: 0 });
  });

  it("says what is missing, and fails", async () => {
    const root = writeTinyData(at("broken"));
    expect(await data("lists", "--dataset", "folder", "--root", root, "--verify")).toMatchObject({ code: 0 });
    rmSync(join(root, "masks/train-2.png"));
    const { code, out, err } = await data("lists", "--dataset", "folder", "--root", root, "--verify");
    expect(code).toBe(1);
    expect(out).toMatch(/train: line 3: .*masks\/train-2\.png is missing/);
    expect(err).toMatch(/^error: .*received 1 wrong lines/);
    rmSync(join(root, "train.txt"));
    const fresh = await json(
      "lists",
      "--dataset",
      "folder",
      "--root",
      root,
      "--out",
      at("fresh"),
      "--val-share",
      "0.5",
    );
    expect(fresh).toMatchObject({ leftOut: ["images/train-2.png: no mask"], valid: true });
    expect(await json("lists", "--dataset", "digits")).toMatchObject({ valid: true });
  });
});

describe("data prepare", () => {
  const words = () => ["--dataset", "digits", "--img-size", "16", "--digits-train", "3", "--digits-val", "2"];

  it("writes digits as a folder data set that counts the same", async () => {
    expect(await json("prepare", ...words(), "--out", at("digits"))).toMatchObject({
      splits: { train: 3, val: 2 },
    });
    const made = await json("stats", ...words());
    const read = await json("stats", "--dataset", "folder", "--root", at("digits"));
    expect([read.classes, read.channels]).toEqual([made.classes, made.channels]);
    expect((await data("prepare", ...words(), "--out", at("digits"))).err).toContain("--overwrite");
  });

  it("goes on with recordings where it ended, one folder of labels each", async () => {
    for (const [n, time] of [40_000, 80_000].entries())
      put(at(`labels/x/${time}.png`), labelPng([12, 24], n));
    put(at("labels/y/labels_60000.png"), labelPng([12, 24], 4));
    put(at("x.txt"), textFile(events));
    put(at("y.dat"), datFile(events));
    const prepare = (...more: string[]) =>
      json("prepare", at("x.txt"), at("y.dat"), "--labels", at("labels"), "--out", at("prepared"), ...more);
    expect(await prepare()).toMatchObject({ frames: 3, written: 3, empty: 0 });
    rmSync(at("prepared/labels/train/x_export_1.png"));
    expect(await prepare()).toMatchObject({ frames: 3, written: 1 });
    const counted = await json("stats", "--dataset", "ddd17", "--root", at("prepared"), "--channels", "6");
    expect(counted).toMatchObject({ examples: 3, size: [12, 24] });
  });

  it("refuses half an order", async () => {
    expect((await data("prepare", at("x.txt"), "--out", at("p"))).err).toMatch(/^error: --labels: expected/);
    expect((await data("prepare", "--out", at("p"))).err).toMatch(/expected recordings or a data set/);
    expect(await data("prepare", at("x.txt"))).toMatchObject({ code: 2 });
    const both = await data(
      "prepare",
      at("x.txt"),
      "--labels",
      at("labels"),
      "--out",
      at("p"),
      "--mnist",
      "m",
    );
    expect(both.err).toMatch(/--mnist: expected no recordings beside it/);
  });
});

describe.skipIf(!sharedData)("real data (skipped without shared data)", () => {
  const root = (name: string) => join(sharedData ?? "", name);

  it("VOC2012's val has the README's images of each class, and void in all masks", async () => {
    const words = ["--dataset", "voc2012", "--root", root("voc2012"), "--split", "val"];
    const { classes, ...stats } = await json("stats", ...words);
    const readme = readFileSync(root("voc2012/README.md"), "utf8");
    const rows = [...readme.matchAll(/^\| \d+ \| \w+ \| \d+ \| (\d+) \|$/gm)].map(([, images]) =>
      Number(images),
    );
    expect(rows).toHaveLength(21);
    expect(stats).toMatchObject({ examples: 107, voidExamples: 107 });
    expect((classes as { examples: number }[]).map((each) => each.examples)).toEqual(rows);
  });

  it("CamVid, MNIST and CIFAR-10 have the READMEs' counts", async () => {
    const names = "sky building pole road pavement tree sign fence car pedestrian bicyclist".split(" ");
    writeFileSync(at("camvid.json"), JSON.stringify({ classes: names, void: 11 }));
    const camvid = ["--dataset", "folder", "--root", root("camvid"), "--classes", at("camvid.json")];
    expect(await json("stats", ...camvid)).toMatchObject({
      splits: [{ examples: 367 }, { examples: 101 }],
      ...{ size: [120, 160], sizes: [{ examples: 468 }] },
    });
    const digits = ["--img-size", "16", "--digits-train", "2", "--digits-val", "2"];
    const material = ["--mnist", root("mnist"), "--cifar10", root("cifar10")];
    const { sources } = await json("stats", "--dataset", "digits", ...digits, ...material);
    const [train, val] = sources as { digits: number[]; backgrounds: number[] }[];
    const sum = (counts: number[]) => counts.reduce((a, b) => a + b, 0);
    expect([sum(train!.digits), sum(val!.digits)]).toEqual([15_000, 10_000]);
    expect(train!.backgrounds).toEqual([396, 366, 420, 384, 422, 393, 414, 385, 407, 413]);
    expect(val!.backgrounds).toEqual([103, 89, 100, 103, 90, 86, 112, 102, 106, 109]);
  });

  it("recordings have the READMEs' or their own counts; DDD17's labels are a folder data set", async () => {
    const { recordings } = await json("stats", "--dataset", "events", "--root", root("events"));
    const counted = recordings as { format: string; events: number; declaredEvents?: number }[];
    const of = (format: string) =>
      counted.filter((each) => each.format === format).map((each) => each.events);
    expect(counted).toHaveLength(6);
    expect([of("text"), of("nmnist"), of("dat")]).toEqual([[50_000], [4325], [2009]]);
    for (const { events, declaredEvents = events } of counted) expect(events).toBe(declaredEvents);
    const frames = ["--dataset", "folder", "--root", root("events/ddd17")];
    await json("lists", ...frames, "--out", at("ddd17-lists"));
    writeFileSync(
      at("ddd17.json"),
      JSON.stringify({ classes: ["flat", "sky", "object", "nature", "human", "car"] }),
    );
    const words = [
      "--classes",
      at("ddd17.json"),
      "--train-list",
      at("ddd17-lists/train.txt"),
      "--split",
      "train",
    ];
    expect(await json("stats", ...frames, ...words)).toMatchObject({ examples: 2, size: [200, 346] });
  });
});

describe("data simulate", () => {
  it("writes events of pictures that a network is trained and scored on, and that predict reads", async () => {
    const out = at("simulated");
    const options = ["--root", at("pictures"), "--img-size", "24x32", "--frames", "2"];
    const result = await json("simulate", ...options, "--out", out);
    expect(result).toMatchObject({
      ...{ layout: "ddd17", frames: 2, sensor: [24, 32] },
      splits: [
        { split: "train", as: "train", pictures: 6, written: 6 },
        { split: "val", as: "test", pictures: 3, written: 3 },
      ],
    });
    const frames = ["--dataset", "ddd17", "--root", out];
    expect(await json("stats", ...frames)).toMatchObject({ examples: 18, size: [24, 32] });
    const recordings = at("simulated-recordings");
    await json("simulate", ...options, "--out", recordings, "--layout", "events", "--split", "val");
    const streams = { out: new PassThrough(), err: new PassThrough() };
    const network = [
      "--model",
      "ann",
      "--img-size",
      "24x32",
      "--epochs",
      "1",
      "--workers",
      "0",
      "--kernel-size",
      "1",
    ];
    const run = at("simulated-run");
    expect(await runProgram(["train", ...frames, ...network, "--run", run], streams)).toBe(0);
    // Some of the pictures have too little contrast for an event.
    const files = [0, 1, 2].map((n) => join(recordings, `val/images-val-${n}.raw`));
    const recording = files.sort((a, b) => statSync(b).size - statSync(a).size)[0]!;
    expect(await runProgram(["predict", run, recording, "--output", at("answers")], streams)).toBe(0);
  }, 60_000);

  it("makes a recording of a video's frames, which predict reads and data show draws", async () => {
    const frames = at("video");
    for (const k of [1, 2, 3]) {
      const data = Uint8Array.from({ length: 24 * 32 * 3 }, (_, i) => ((i * k) % 97 < 50 ? 30 : 220));
      put(join(frames, `${k}.png`), encodePicturePng({ height: 24, width: 32, data }));
    }
    const out = at("video-events");
    const result = await json("simulate", "--video", frames, "--fps", "50", "--out", out);
    const path = join(out, "train/video.raw");
    expect(result).toMatchObject({ path, written: true, size: [24, 32], frames: 3, labels: 0 });
    const events = ["--dataset", "events", "--root", path];
    expect(await json("stats", ...events)).toMatchObject({ events: result.events });
  });

  const video = ["--video", at("pictures/images"), "--fps", "30"];
  it.each([
    [
      "a video without its frame rate",
      2,
      ["--video", at("pictures/images")],
      /expected --fps, received none/,
    ],
    ["a video and pictures", 2, [...video, "--root", at("pictures")], /expected no --root/],
    ["a video's windows", 2, [...video, "--frames", "2"], /expected no --frames/],
    ["a video as frames", 2, [...video, "--layout", "ddd17"], /snnseg data prepare/],
    ["a class list without masks", 2, [...video, "--classes", "c.json"], /expected --masks with --classes/],
    ["no frames a second", 2, ["--video", at("video"), "--fps", "0"], /above 0/],
    ["a folder without frames", 2, ["--video", at("pictures"), "--fps", "30"], /two or more frames/],
    ["a frame rate of pictures", 2, ["--root", at("pictures"), "--fps", "30"], /no --fps without --video/],
    ["no folder of pictures", 2, [], /--root: expected the folder/],
    ["a folder that is not there", 1, ["--root", at("nowhere")], /nowhere/],
    [
      "the pictures' own folder",
      2,
      ["--root", at("pictures"), "--out", at("pictures")],
      /expected another folder/,
    ],
    ["an unknown layout", 2, ["--root", at("pictures"), "--layout", "gen1"], /ddd17, events, dsec/],
    ["an option of other data sets", 2, ["--root", at("pictures"), "--bins", "3"], /--bins/],
    ["no motion that there is", 2, ["--root", at("pictures"), "--camera-motion", "-1"], /--camera-motion/],
  ])("refuses %s", async (_, code, words, message) => {
    const result = await data("simulate", "--out", at("refused"), ...words);
    expect(result.code).toBe(code);
    expect(result.err).toMatch(message);
    expect(existsSync(at("refused"))).toBe(false);
  });
});
