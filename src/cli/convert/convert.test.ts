/** The command for real: a small ANN trained on a few pictures, converted, scored again by `eval`. */
import { readFileSync, statSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folderTree } from "../../datasets/fixtures/trees.js";
import { liveTensors } from "../../engine/index.js";
import type { ModelConfig } from "../../models/index.js";
import { loadCheckpoint, saveCheckpoint } from "../../serialization/index.js";
import { networkOptions } from "../../training/index.js";
import { runProgram } from "../program.js";

const trainingFlags = [
  ...[
    "--model",
    "ann",
    "--dataset",
    "folder",
    "--img-size",
    "16",
    "--batch-size",
    "8",
    "--optimizer",
    "adam",
  ],
  ...[
    "--epochs",
    "1",
    "--limit-batches",
    "2",
    "--eval-batch-size",
    "4",
    "--pictures",
    "0",
    "--threads",
    "1",
    "--workers",
    "0",
  ],
];
const smallFlags = ["--timesteps", "8", "--limit-batches", "1", "--pictures", "0", "--threads", "1"];

/** For machines under load; alone it takes seconds. */
const timeout = 240_000;

let folder = "";
let ann = "";
const at = (name: string) => join(folder, name);

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const streams = { out: new PassThrough(), err: new PassThrough() };
  const code = await runProgram(argv, streams);
  const textOf = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? "";
  return { code, out: textOf(streams.out), err: textOf(streams.err) };
}

async function runJson(...argv: string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await run(...argv, "--json");
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as Record<string, unknown>;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-cli-convert-"));
  ann = at("ann");
  folderTree(at("data"));
  await runJson("train", ...trainingFlags, "--root", at("data"), "--run", ann);
}, timeout);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("snnseg convert", { timeout }, () => {
  it("leaves a run that eval scores the same, a report by layer, and the curve of several methods", async () => {
    const before = liveTensors();
    const run = at("converted");
    const result = await runJson(
      ...["convert", ann, ...smallFlags, "--method", "initial", "--run", run],
      ...["--curve", "percentile,initial", "--curve-to", "8", "--pictures", "1"],
    );
    expect(liveTensors()).toBe(before);
    const layers = result.layers as { name: string; spikeRate: number }[];
    expect(layers.map(({ name }) => name)).toContain("classifier.0");
    expect(layers.some(({ spikeRate }) => spikeRate > 0)).toBe(true);
    for (const file of ["config.json", "metrics.jsonl", "conversion.json", "pictures/layers.png"]) {
      expect(readFileSync(join(run, file)).length).toBeGreaterThan(100);
    }
    const curve = result.curve as { method: string; points: { timesteps: number }[] }[];
    expect(curve.map(({ method }) => method)).toEqual(["percentile", "initial"]);
    expect(curve[0]!.points.map(({ timesteps }) => timesteps)).toEqual([1, 2, 4, 8]);
    const saved = JSON.parse(await readFile(join(run, "curve.json"), "utf8"));
    expect(saved.annMeanIoU).toBe(result.annMeanIoU);
    expect(
      readFileSync(join(run, "pictures", "latency.png"))
        .subarray(1, 4)
        .toString(),
    ).toBe("PNG");
    const page = await readFile(join(run, "report.html"), "utf8");
    for (const part of ["Conversion by layer", "Mean IoU over timesteps", "classifier.0", "data:image/png"]) {
      expect(page).toContain(part);
    }
    expect(page).toContain((result.annMeanIoU as number).toFixed(4));
    const [line] = (await readFile(join(run, "metrics.jsonl"), "utf8")).trim().split("\n");
    const { time } = JSON.parse(line!) as { time: { seconds: number; imagesPerSecond: number } };
    expect(time.seconds).toBeGreaterThan(0);
    expect(time.imagesPerSecond * time.seconds).toBeCloseTo(result.examples as number, 6);
    const again = await runJson("eval", run, "--limit-batches", "1", "--threads", "1");
    expect(again.meanIoU).toBe(result.meanIoU);
    expect(again.rates).toEqual(result.rates);
  });

  it("keeps the paper's thresholds beside the ANN's checkpoint, which stays as it is, and reuses them", async () => {
    const checkpoint = join(ann, "checkpoints", "best");
    const files = [`${checkpoint}.safetensors`, `${checkpoint}.json`];
    const input = () =>
      files.map((file) => `${readFileSync(file).toString("base64")} ${statSync(file).mtimeMs}`);
    const before = input();
    const calibration = ["--batches", "1", "--batch-size", "4"];
    const convert = (name: string, ...more: string[]) =>
      run(
        "convert",
        ann,
        ...smallFlags,
        "--thresholds",
        "channel",
        ...calibration,
        "--run",
        at(name),
        ...more,
      );
    const first = await convert("paper-1");
    // An untrained depth may stay silent; what counts here is that a search either succeeds or says why.
    expect(first.err).toBe(first.code === 0 ? first.err : expect.stringContaining("find thresholds"));
    expect(first.code).toBe(0);
    const { thresholds } = await loadCheckpoint(`${checkpoint}.thresholds`);
    expect(thresholds.get("channel.8.features.0")?.shape).toEqual([64]);
    const second = await convert("paper-2");
    expect(second.out).toContain("reused");
    expect((await convert("paper-3", "--reset")).out).not.toContain("reused");
    // Another seed draws other images, for which other thresholds must be found.
    const other = await convert("paper-4", "--seed", "5", "--batches", "1", "--batch-size", "2");
    expect(other.out).not.toContain("reused");
    const read = (name: string) => readFile(join(at(name), "conversion.json"), "utf8");
    expect(JSON.parse(await read("paper-4"))).toMatchObject({
      calibration: { dataset: "folder", split: "train", seed: 5, examples: 2 },
    });
    expect(await read("paper-2")).toBe(await read("paper-1"));
    expect(input()).toEqual(before);
    // Another checkpoint under the same name has other activations.
    const moved = at("moved");
    await mkdir(join(moved, "checkpoints"), { recursive: true });
    const { tensors, meta } = await loadCheckpoint(checkpoint);
    await saveCheckpoint(join(moved, "checkpoints", "best"), { tensors, meta: { ...meta, epoch: 5 } });
    const beside = "checkpoints/best.thresholds.safetensors";
    await copyFile(join(ann, beside), join(moved, beside));
    const after = await run(
      "convert",
      moved,
      ...smallFlags,
      "--thresholds",
      "channel",
      "--run",
      at("paper-5"),
    );
    expect(after).toMatchObject({ code: 0, out: expect.not.stringContaining("reused") });
  });

  it("leaves a run that training goes on from, with fewer timesteps", async () => {
    const flags = ["--epochs", "1", "--limit-batches", "1", "--pictures", "0", "--threads", "1"];
    const tuned = at("tuned");
    const from = ["--init-from", at("converted"), "--timesteps", "4", "--lr", "1e-4"];
    await runJson("train", ...from, ...flags, "--run", tuned);
    const [before, after] = await Promise.all(
      ["converted", "tuned"].map((run) => loadCheckpoint(join(at(run), "checkpoints", "best"))),
    );
    expect(after!.meta.model).toEqual({ ...(before!.meta.model as object), timesteps: 4 });
    expect([...after!.tensors.keys()]).toEqual([...before!.tensors.keys()]);
    const change = (name: string) => {
      const [a, b] = [before!, after!].map(({ tensors }) => tensors.get(name)!.data as Float32Array);
      return (
        a!.reduce((sum, x, i) => sum + Math.abs(x - b![i]!), 0) / a!.reduce((sum, x) => sum + Math.abs(x), 0)
      );
    };
    expect(change("classifier.1.weight")).toBeGreaterThan(0);
    expect(change("features.0.weight")).toBeLessThan(0.05);
    for (const name of ["converted", "tuned"]) {
      const { options } = JSON.parse(await readFile(join(at(name), "config.json"), "utf8"));
      const { meta } = await loadCheckpoint(join(at(name), "checkpoints", "best"));
      const own = networkOptions(meta.model as unknown as ModelConfig);
      for (const [key, value] of Object.entries(own)) {
        // Layers have thresholds of their own, and weights that were not drawn in this run.
        if (key === "threshold" || (key === "init" && name === "tuned"))
          expect(options).not.toHaveProperty(key);
        else expect(options).toHaveProperty(key, value);
      }
      const page = await readFile(join(at(name), "report.html"), "utf8");
      expect(page.includes(`<th scope="row">threshold</th>`)).toBe(false);
    }
    for (const threshold of ["1", "3"]) {
      const refused = await run("train", ...from, ...flags, "--threshold", threshold, "--run", at("other"));
      expect(refused).toMatchObject({ code: 2, err: expect.stringMatching(/--threshold: .*of their own/) });
    }
    const wrong = await run("train", ...from, ...flags, "--arch", "dl-vgg11", "--run", at("other"));
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining("--init-from") });
  });

  it("refuses what is no ANN, and methods that the ANN is not made for", async () => {
    const spiking = await run("convert", at("converted"), "--run", at("twice"));
    expect(spiking).toMatchObject({ code: 2, err: expect.stringContaining("received a spiking network") });
    const qcfs = await run("convert", ann, ...smallFlags, "--method", "qcfs", "--run", at("qcfs"));
    expect(qcfs).toMatchObject({ code: 1, err: expect.stringContaining("--activation-levels") });
    const neuron = ["--method", "percentile", "--thresholds", "neuron"];
    expect(await run("convert", ann, ...smallFlags, ...neuron, "--run", at("n"))).toMatchObject({ code: 2 });
    expect((await run("convert", ann, "--method", "papper")).code).toBe(2);
  });
});
