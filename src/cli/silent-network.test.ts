/** A network that is silent at evaluation is not scored without a word, and can be helped. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand, savedConfigs, saveNetwork } from "../../tests/saved-network.js";
import { encodePicturePng } from "../images/index.js";
import { loadCheckpoint } from "../serialization/index.js";

const timeout = 240_000;
const warning = /warning: no neuron of features\.0, features\.1, features\.2 and 5 more fired at evaluation/;
const advice = /snnseg checkpoint settle/;
let folder = "";
let silent = "";
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-silent-"));
  // Statistics of currents a thousand times as strong as those that flow: nothing reaches a threshold.
  const change = { "bn_features.0.running_var": (values: Float32Array) => void values.fill(1e6) };
  silent = await saveNetwork(at("silent"), savedConfigs.snn, { change, config: { encoding: "direct" } });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a network silent at evaluation", { timeout }, () => {
  it.each([
    ["eval", () => ["eval", silent]],
    ["energy", () => ["energy", silent]],
    ["robustness", () => ["robustness", silent, "--noise", "gaussian=10", "--seeds", "1"]],
    ["report", () => ["report", silent, "--no-anytime", "--output", at("page.html")]],
  ])("is named by %s, with what helps", async (_name, words) => {
    const { code, err } = await runCommand(...words());
    expect(code).toBe(0);
    expect(err).toMatch(warning);
    expect(err).toMatch(advice);
    expect(err).toMatch(/every pixel of split val was predicted as background/);
  });

  it.each(["fp32", "fast"])("is named by predict, %s", async (precision) => {
    const data = new Uint8Array(16 * 16 * 3).fill(90);
    await writeFile(at("picture.png"), encodePicturePng({ width: 16, height: 16, data }));
    const words = ["--output", at("masks"), "--precision", precision];
    const { code, err } = await runCommand("predict", silent, at("picture.png"), ...words);
    expect(code).toBe(0);
    expect(err).toMatch(/no neuron of features\.0, .* fired on any of them, .*checkpoint settle/);
  });

  it("is named on the page of runs", async () => {
    expect(await readFile(at("page.html"), "utf8")).toMatch(/no neuron of features\.0, features\.1/);
  });

  it("is named while it is trained, before it is called best, and in the run's report", async () => {
    const run = at("trained");
    const flags = ["--epochs", "1", "--lr", "1e-9", "--workers", "0", "--run", run, "--pictures", "0"];
    const { err, out } = await runCommand("train", "--init-from", silent, ...flags);
    expect(out).toContain("best so far");
    // Batch norm in training does not see the running statistics, so there the layer fires.
    expect(err).toMatch(/fired at evaluation .*\(features\.0 fired 0\.\d+ times per neuron in training\)/);
    expect(await readFile(join(run, "report.html"), "utf8")).toMatch(/no neuron of features\.0/);
    const metrics = (await readFile(join(run, "metrics.jsonl"), "utf8")).trim().split("\n");
    const evaluation = JSON.parse(metrics.at(-1)!) as { silentLayers: string[] };
    expect(evaluation.silentLayers).toHaveLength(8);
  });

  it("fires once its statistics are settled, in a checkpoint without the old scores", async () => {
    const { code, err } = await runCommand("checkpoint", "settle", silent, at("settled"), "--batches", "2");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const { meta } = await loadCheckpoint(at("settled"));
    expect(meta).toMatchObject({ scores: null, settled: { batches: 2, split: "train" } });
    const result = await runCommand("eval", at("settled"), "--json");
    const { rates } = JSON.parse(result.out) as { rates: Record<string, number> };
    expect(rates["features.0"]).toBeGreaterThan(0.1);
    const same = await runCommand("checkpoint", "settle", silent, `${silent}.safetensors`);
    expect(same).toMatchObject({ code: 2, err: expect.stringContaining("another checkpoint") as string });
  });
});
