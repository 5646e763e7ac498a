import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodePicture } from "../../src/images/index.js";
import { isBuilt, lastJson, processTimeout, snnseg, snnsegInside } from "./snnseg.js";
import { writeTinyData } from "./tiny-data.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-cli-"));
const data = join(folder, "data");
const run = join(folder, "run");
/** Scores travel as JSON numbers and are computed alike. */
const digits = 9;

beforeAll(() => void writeTinyData(data));
afterAll(() => rmSync(folder, { recursive: true }));

const small = ["--dataset", "folder", "--img-size", "8", "--threads", "1", "--workers", "0"];
const quick = [...small, "--optimizer", "adam", "--batch-size", "3", "--timesteps", "2", "--eval-every", "1"];
const trainWords = ["train", "--root", data, ...quick, "--epochs", "2", "--run", run, "--json"];

describe.skipIf(!isBuilt)("train, then eval (skipped before the build)", { timeout: processTimeout }, () => {
  let trained: Record<string, unknown>;

  beforeAll(async () => {
    trained = lastJson(await snnseg(trainWords));
  }, processTimeout);

  it("ends with scores, paths and nothing else on standard output", async () => {
    expect(trained).toMatchObject({ run, finished: true, split: "val", classes: ["dark", "bright"] });
    for (const key of [
      "meanIoU",
      "baselineMeanIoU",
      "pixelAccuracy",
      "meanAccuracy",
      "frequencyWeightedIoU",
    ]) {
      expect(trained[key]).toSatisfy((value: number) => value >= 0 && value <= 1);
    }
    expect(trained.perClassIoU).toHaveLength(2);
  });

  it("leaves config, metrics, checkpoints, picture and report behind", async () => {
    const config = JSON.parse(readFileSync(join(run, "config.json"), "utf8"));
    expect(config.options).toMatchObject({
      dataset: "folder",
      root: data,
      timesteps: 2,
      seed: 0,
      imgSize: [8, 8],
    });
    expect(config.sources).toMatchObject({ timesteps: "flag", lr: "default" });
    expect(config.environment).toMatchObject({ node: process.version, threads: 1 });
    const records = readFileSync(join(run, "metrics.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(records.map(({ kind, epoch }) => `${kind} ${epoch}`)).toEqual([
      "epoch 1",
      "evaluation 1",
      "epoch 2",
      "evaluation 2",
    ]);
    expect(records[0]).toMatchObject({
      lr: 1e-3,
      steps: 2,
      examples: 6,
      time: { seconds: expect.any(Number) },
    });
    expect(Object.keys(records[0].rates)).toContain("features.0");
    for (const name of ["best.safetensors", "best.json", "last.safetensors", "last.json"]) {
      expect(existsSync(join(run, "checkpoints", name))).toBe(true);
    }
    const picture = await decodePicture(readFileSync(join(run, "pictures", "examples.png")), "examples.png");
    expect(picture.width).toBeGreaterThan(500);
    expect(readFileSync(join(run, "report.html"), "utf8")).toContain("Spiking dl-vgg9 on folder");
  });

  it("scores the best checkpoint the same in a new process and at another batch size", async () => {
    const scored = lastJson(await snnsegInside(["eval", run, "--eval-batch-size", "2", "--json"]));
    expect(scored.epoch).toBe(trained.epoch);
    for (const key of [
      "meanIoU",
      "pixelAccuracy",
      "meanAccuracy",
      "frequencyWeightedIoU",
      "baselineMeanIoU",
    ]) {
      expect(scored[key]).toBeCloseTo(trained[key] as number, digits);
    }
    const file = lastJson(
      await snnsegInside(["eval", join(run, "checkpoints", "best.safetensors"), "--json"]),
    );
    expect(file.meanIoU).toBeCloseTo(trained.meanIoU as number, digits);
  });

  it("scores another split, and noisy examples with a picture of them", async () => {
    const train = lastJson(await snnsegInside(["eval", run, "--split", "train", "--json"]));
    expect(train).toMatchObject({ split: "train", examples: 6 });
    const noisy = await snnsegInside([
      "eval",
      run,
      "--noise",
      "gaussian=200",
      "--picture",
      join(folder, "p.png"),
      "--json",
    ]);
    expect(lastJson(noisy)).toMatchObject({ split: "val", examples: 3, picture: join(folder, "p.png") });
    expect(existsSync(join(folder, "p.png"))).toBe(true);
  });

  it("prints scores for people without --json", async () => {
    const { out, code } = await snnsegInside(["eval", run]);
    expect(code).toBe(0);
    expect(out).toContain(`mean IoU               ${(trained.meanIoU as number).toFixed(6)}`);
    expect(out).toMatch(/^bright {2}/m);
  });

  it("says at once that a class never occurs, and refuses a split of void only", async () => {
    const odd = writeTinyData(join(folder, "odd"));
    const write = (content: object) => writeFileSync(join(odd, "dataset.json"), JSON.stringify(content));
    const words = ["train", "--root", odd, ...small, "--model", "ann", "--epochs", "1"];
    const train = (name: string) => snnsegInside([...words, "--json", "--run", join(folder, name)]);
    write({ classes: ["dark", "bright"], ids: { 0: "dark", 2: "bright" }, void: [1, 255] });
    const unseen = await train("unseen");
    expect(unseen.code).toBe(0);
    expect(unseen.err).toMatch(/warning: class bright never occurs in train, while .* void \(ids 1, 255\)/);
    expect(lastJson(unseen).suspicions).toMatchObject([{ code: "class-unseen" }, { code: "void-share" }]);
    write({ classes: ["dark", "bright"], ids: { 2: "dark", 3: "bright" }, void: [0, 1, 255] });
    const refused = await train("refused");
    expect(refused).toMatchObject({
      code: 1,
      err: expect.stringContaining("received void only (ids 0, 1, 255)"),
    });
    expect(existsSync(join(folder, "refused", "config.json"))).toBe(false);
  });

  it("trains the plain twin with the same words", async () => {
    const words = trainWords.filter(
      (word, i) => word !== "--timesteps" && trainWords[i - 1] !== "--timesteps",
    );
    const twin = words.map((word) => (word === run ? join(folder, "twin") : word));
    const trainedTwin = lastJson(await snnsegInside([...twin, "--model", "ann"]));
    expect(trainedTwin).toMatchObject({ finished: true, rates: {} });
  });
});
