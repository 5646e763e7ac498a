/** What commands do, as functions: they tell a listener, print nothing, and leave no tensor behind. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { savedConfigs, saveNetwork } from "../../tests/saved-network.js";
import { liveTensors } from "../engine/index.js";
import { encodePicturePng } from "../images/index.js";
import { type JsonObject, loadCheckpoint } from "../serialization/index.js";
import {
  convertRun,
  exportWeights,
  importWeights,
  type Listener,
  openPredictor,
  openTrainedRun,
  predictPictures,
  report,
  settleRun,
  sweepRobustness,
} from "./index.js";

let folder = "";
let snn = "";
let ann = "";
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-functions-"));
  snn = await saveNetwork(at("snn"), savedConfigs.snn);
  ann = await saveNetwork(at("ann"), savedConfigs.ann);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let live = 0;
let stages: string[] = [];
const listener: Listener = {
  stage: ({ label }) => {
    stages.push(label);
    return { step: () => undefined, itemsDone: () => undefined, end: () => undefined };
  },
};
beforeEach(() => {
  live = liveTensors();
  stages = [];
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, "write");
});
afterEach(() => {
  const written = [process.stdout, process.stderr].map((stream) => vi.mocked(stream.write).mock.calls.length);
  vi.restoreAllMocks();
  expect(written).toEqual([0, 0]);
  expect(liveTensors()).toBe(live);
});

describe("runs as functions", { timeout: 240_000 }, () => {
  it("predict pictures", async () => {
    const picture = at("picture.png");
    await writeFile(picture, encodePicturePng({ width: 20, height: 10, data: new Uint8Array(600).fill(90) }));
    {
      using predictor = await openPredictor(snn, { precision: "fp32" });
      const asked = { output: at("masks"), listener };
      const { pictures, failed } = await predictPictures([picture], predictor, asked);
      expect(failed).toEqual([]);
      expect(pictures).toMatchObject([{ picture, size: [10, 20], mask: at("masks/picture.png") }]);
      expect(existsSync(pictures[0]!.mask)).toBe(true);
    }
    expect(stages).toContain("predict");
  });

  it("predict pictures whose names end as those of results do, each into files of its own", async () => {
    const bytes = encodePicturePng({ width: 4, height: 4, data: new Uint8Array(48).fill(90) });
    await mkdir(at("suffixes"));
    const names = ["x.overlay.png", "x.png", "x.step-001.png", "y.overlay.png"];
    for (const name of names) await writeFile(at(`suffixes/${name}`), bytes);
    using predictor = await openPredictor(snn, { precision: "fp32" });
    const asked = { output: at("suffix-masks"), overlay: true, anytime: true, listener };
    const { pictures } = await predictPictures([at("suffixes")], predictor, asked);
    const written = pictures.flatMap(({ mask, overlay, steps }) => [
      mask,
      overlay!,
      ...steps!.map((step) => step.mask),
    ]);
    expect(new Set(written).size).toBe(written.length);
    expect((await readdir(at("suffix-masks"))).length).toBe(written.length);
    const over = predictPictures([at("suffixes/y.overlay.png")], predictor, {
      ...asked,
      output: at("suffixes"),
    });
    await expect(over).rejects.toThrow(/y\.overlay\.png would replace one of them/);
  });

  it("predict refuses to write masks over the pictures, and leaves them as they are", async () => {
    const bytes = encodePicturePng({ width: 4, height: 4, data: new Uint8Array(48).fill(90) });
    await mkdir(at("photos"));
    await writeFile(at("photos/a.png"), bytes);
    await symlink(at("photos"), at("link"));
    using predictor = await openPredictor(snn, { precision: "fp32" });
    for (const output of [at("photos"), at("link")]) {
      const answers = predictPictures([at("photos")], predictor, { output, listener });
      await expect(answers).rejects.toThrow(/where a\.png would replace one of them; .*--output/);
    }
    expect(await readFile(at("photos/a.png"))).toEqual(Buffer.from(bytes));
  });

  it("convert an ANN", async () => {
    const result = await convertRun(ann, {
      ...{ method: "initial", options: { timesteps: 4, run: at("converted"), pictures: 0 } },
      listener,
    });
    expect(result).toMatchObject({ run: at("converted"), timesteps: 4, curve: undefined });
    const { meta } = await loadCheckpoint(result.checkpoint);
    expect(meta).toMatchObject({ conversion: { from: `${ann}.safetensors`, method: "initial" } });
    expect(stages).toEqual(["find thresholds", "score the ann", "score the snn"]);
    expect(existsSync(join(at("converted"), "run.lock"))).toBe(false);
  });

  it("compare runs on a page", async () => {
    const files = { to: at("reports/page.html"), data: at("reports/data.json"), csv: at("scores/all.csv") };
    const { runs } = await report([snn, ann], { ...files, gallery: 1, anytime: false, listener });
    expect(runs.map(({ name, examples }) => [name, examples])).toEqual([
      ["snn", 2],
      ["ann", 2],
      ["ann in 8 bits", 2],
    ]);
    expect(await readFile(files.to, "utf8")).toContain("snn, ann on digits");
    const data = JSON.parse(await readFile(files.data, "utf8")) as { runs: unknown[]; gallery?: unknown };
    expect(data).toMatchObject({
      format: "snnseg-report",
      runs: [{ name: "snn" }, { name: "ann" }, { name: "ann in 8 bits" }],
    });
    expect(data.gallery).toBeUndefined();
    const [head, ...rows] = (await readFile(files.csv, "utf8")).trim().split("\n");
    expect(head).toMatch(/^run,split,examples,.*meanIoULow/);
    expect(rows.map((row) => row.split(",").slice(0, 3))).toEqual([
      ["snn", "val", "2"],
      ["ann", "val", "2"],
      ["ann in 8 bits", "val", "2"],
    ]);
    expect(stages).toEqual(["snn", "ann", "ann in 8 bits"]);
  });

  it("compare runs on the same examples alone, and warn where labels differ", async () => {
    const warnings: string[] = [];
    const compare = (other: string) =>
      report([ann, other], {
        ...{ to: at("reports/other.html"), gallery: 2, anytime: false, eightBits: false },
        listener: { ...listener, warn: (message) => warnings.push(message) },
      });
    const saved = (name: string, config: JsonObject) => saveNetwork(at(name), savedConfigs.ann, { config });
    await compare(await saved("large", { imgSize: [24, 24] }));
    expect(warnings.filter((message) => message.includes("other labels"))).toEqual([
      expect.stringMatching(/^large: .*in 2 of 2 images/),
    ]);
    await expect(compare(await saved("limited", { limitBatches: 1, evalBatchSize: 1 }))).rejects.toThrow(
      /expected 2 scored examples, .*received 1 scored examples of digits; .*--limit-batches/,
    );
    const pairs = async (name: string, ids: readonly string[]) => {
      const png = encodePicturePng({ width: 16, height: 16, data: new Uint8Array(768) });
      const root = at(`${name}-data`);
      await mkdir(root);
      await writeFile(join(root, "dataset.json"), JSON.stringify({ classes }));
      for (const id of ids) await writeFile(join(root, `${id}.png`), png);
      for (const split of ["train", "val"]) {
        await writeFile(join(root, `${split}.txt`), ids.map((id) => `${id}.png ${id}.png\n`).join(""));
      }
      return saved(name, { dataset: "folder", root });
    };
    const classes = Array.from({ length: 11 }, (_, k) => `class ${k}`);
    const runs = [await pairs("one", ["a", "b"]), await pairs("two", ["a", "c"])];
    await expect(
      report(runs, { to: at("reports/two.html"), anytime: false, eightBits: false, listener }),
    ).rejects.toThrow(
      /expected b as example 2, as the data of .*one.* have, received c as example 2 of folder; compare/,
    );
    await writeFile(at("one-data/dataset.json"), JSON.stringify({ classes: classes.toReversed() }));
    await expect(openTrainedRun(runs[0]!)).rejects.toThrow(
      /expected the classes in the order class 0, class 1/,
    );
    await writeFile(at("one-data/dataset.json"), JSON.stringify({ classes: classes.with(1, "bus") }));
    const warn = (message: string) => warnings.push(message);
    const asked = { anytime: false, eightBits: false, listener: { warn } };
    await report([runs[0]!], { to: at("reports/one.html"), ...asked });
    expect(warnings.at(-1)).toContain("class 1 is called bus here and was class 1 in training");
  });

  it("say where a page cannot be written before they compare", async () => {
    const asked = { to: join(`${snn}.safetensors`, "page.html"), listener };
    await expect(report([snn], asked)).rejects.toThrow(`${snn}.safetensors`);
    await expect(report([snn], { listener } as never)).rejects.toThrow("report: expected to to be");
    expect(stages).toEqual([]);
  });

  it("sweep disturbances and settle statistics", async () => {
    {
      await using run = await openTrainedRun(snn);
      const sweeps = [{ kind: "blur", strengths: [1] }] as const;
      const { curves } = await sweepRobustness(run, { sweeps, listener });
      expect(curves.map(({ kind, points }) => [kind, points.length])).toEqual([["blur", 2]]);
    }
    const settled = await settleRun(snn, at("settled"), { batches: 1, listener });
    expect(settled).toMatchObject({ checkpoint: at("settled.safetensors"), batches: 1, split: "train" });
    expect(stages).toEqual([`${snn}.safetensors`, "settle"]);
  });

  it("export weights and import them again", async () => {
    const { arrays } = await exportWeights(snn, at("weights.safetensors"));
    const imported = await importWeights(at("weights.safetensors"), at("again"), {
      options: { model: "snn" },
    });
    expect(imported).toMatchObject({ arrays, model: { kind: "snn", arch: "dl-vgg9", timesteps: 2 } });
    const [before, after] = await Promise.all([snn, at("again")].map(loadCheckpoint));
    expect(after!.tensors).toEqual(before!.tensors);
    expect((await readFile(at("again.json"), "utf8")).includes("importedFrom")).toBe(true);
  });
});
