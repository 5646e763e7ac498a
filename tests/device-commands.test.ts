/** The commands that run a network, with `--device`: on a GPU, or on a device that stands for one (scripts/test-device), as on the CPU. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { liveTensors, scope, toDevice } from "../src/engine/index.js";
import { decodeMask, encodePicturePng } from "../src/images/index.js";
import { exportRun, loadSegmenter, openPredictor } from "../src/runs/index.js";
import { loadCheckpoint } from "../src/serialization/index.js";
import { isBuilt, lastJson, processTimeout, snnseg } from "./cli/snnseg.js";
import { writeTinyData } from "./cli/tiny-data.js";
import { runCommand, savedConfigs, saveNetwork } from "./saved-network.js";
import { fusesThere } from "./test-device.js";

const device = process.env.SNNSEG_TEST_DEVICE ?? "";
const folder = mkdtempSync(join(tmpdir(), "snnseg-device-commands-"));
const at = (name: string) => join(folder, name);
const config = { encoding: "direct" };
const small = ["--threads", "1", "--limit-batches", "1"];

beforeAll(async () => {
  await saveNetwork(at("lif"), { ...savedConfigs.snn, threshold: 0.05 }, { config });
  const integers = { neuron: "integer", levels: 4, norm: "plain", timesteps: 1 } as const;
  await saveNetwork(at("integers"), { ...savedConfigs.snn, ...integers }, { config });
  await saveNetwork(at("ann"), savedConfigs.ann);
  const data = new Uint8Array(20 * 24 * 3).map((_, i) => (i * 37 + ((i * i) % 91)) % 256);
  writeFileSync(at("picture.png"), encodePicturePng({ height: 20, width: 24, data }));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the command says as JSON, there or on the CPU. */
async function answer(words: readonly string[], where: string): Promise<Record<string, unknown>> {
  const before = liveTensors();
  const result = await runCommand(...words, "--device", where, "--json");
  expect([result.code, result.err]).toEqual([0, expect.any(String)]);
  expect(liveTensors()).toBe(before);
  return lastJson(result);
}

const both = async (words: readonly string[]) =>
  [await answer(words, device), await answer(words, "cpu")] as const;

/** A neuron fires or not where sums are made in another order. */
const sameScore = 0.02;

describe.skipIf(device === "")("on a GPU", { timeout: processTimeout }, () => {
  it.each(["lif", "integers", "ann"])("eval scores %s as the CPU does", async (name) => {
    const picture = ["--picture", at(`${name}.png`), "--pictures", "1"];
    const spikes = name === "ann" ? [] : ["--spikes"];
    const [there, here] = await both(["eval", at(name), ...small, ...picture, ...spikes, "--full-size"]);
    expect(there).toMatchObject({ examples: here.examples });
    expect(Math.abs(Number(there.meanIoU) - Number(here.meanIoU))).toBeLessThan(sameScore);
    expect(Math.abs(Number(there.loss) / Number(here.loss) - 1)).toBeLessThan(sameScore);
    if (name !== "ann") expect(there.spikes).not.toBeUndefined();
  });

  it.each([
    ["lif", []],
    ["lif", ["--anytime"]],
    ["integers", []],
    ["ann", []],
  ])("predict gives the mask of %s that the CPU gives: %s", async (name, more) => {
    const masks: (readonly number[])[] = [];
    for (const where of [device, "cpu"]) {
      const output = at(`masks-${name}-${where}`);
      const own = where === "cpu" ? ["--precision", "fp32"] : [];
      const words = ["predict", at(name), at("picture.png"), "-o", output, "--threads", "1", ...more, ...own];
      expect(await answer(words, where)).toMatchObject({ precision: "fp32" });
      masks.push(Array.from(decodeMask(readFileSync(join(output, "picture.png")), "mask").data));
    }
    const [there, here] = masks as [readonly number[], readonly number[]];
    const other = there.filter((label, i) => label !== here[i]).length;
    expect(other / there.length).toBeLessThan(0.05);
  });

  it("answers there from code, too", async () => {
    using predictor = await openPredictor(at("lif"), { options: { device, threads: 1 } });
    scope("ask", () => {
      const input = predictor.encode(new Float32Array(3 * 16 * 16));
      expect(input.device).toMatch(/^cuda/);
      const { logits } = predictor.forward.forward(input);
      expect(logits.device).toBe(input.device);
      expect(toDevice(logits, "cpu").toNumbers().every(Number.isFinite)).toBe(true);
    });
  });

  it("a segmenter answers there from a thread of its own", async () => {
    await using there = await loadSegmenter(at("ann"), { threads: 1, options: { device } });
    await using here = await loadSegmenter(at("ann"), { threads: 1, precision: "fp32" });
    const [ours, theirs] = [await there.predict(at("picture.png")), await here.predict(at("picture.png"))];
    const other = ours.mask.filter((label, i) => label !== theirs.mask[i]).length;
    expect(other / ours.mask.length).toBeLessThan(0.05);
  });

  it.each(["paper", "calibrate", "initial"])("convert does by %s what it does on the CPU", async (method) => {
    const timesteps = method === "paper" ? "32" : "4"; // until something reaches the last layer
    const own = ["--timesteps", timesteps, ...(method === "paper" ? ["--reset"] : [])];
    const words = ["convert", at("ann"), "--method", method, ...own, ...small];
    const curve = ["--curve", method, "--curve-to", timesteps, "--pictures", "1", "--encoding", "direct"];
    const results = [];
    for (const where of [device, "cpu"]) {
      results.push(await answer([...words, ...curve, "--run", at(`${method}-${where}`)], where));
    }
    const [there, here] = results as [Record<string, unknown>, Record<string, unknown>];
    expect(Math.abs(Number(there.annMeanIoU) - Number(here.annMeanIoU))).toBeLessThan(sameScore);
    expect(Math.abs(Number(there.meanIoU) - Number(here.meanIoU))).toBeLessThan(sameScore);
    type Layer = { readonly threshold: { readonly max: number }; readonly spikeRate: number };
    const layersOf = ({ layers }: Record<string, unknown>) => layers as readonly Layer[];
    for (const [i, { threshold }] of layersOf(there).entries()) {
      expect(threshold.max / layersOf(here)[i]!.threshold.max).toBeCloseTo(1, 1);
    }
    expect(there.curve).toHaveLength(1);
  });

  it("energy counts what it counts on the CPU, and scores an ANN in 8 bits there", async () => {
    type Table = { readonly networks: readonly { readonly network: string; readonly meanIoU: number }[] };
    const words = ["energy", at("lif"), "--ann", at("ann"), ...small];
    const [there, here] = (await both(words)) as unknown as [Table & { spikes: unknown }, Table];
    expect(there.networks.map(({ network }) => network)).toEqual(here.networks.map(({ network }) => network));
    for (const [i, { meanIoU }] of there.networks.entries())
      expect(Math.abs(meanIoU - here.networks[i]!.meanIoU)).toBeLessThan(sameScore);
  });

  it("robustness disturbs networks there, their inputs' gradients too", async () => {
    const words = ["robustness", at("lif"), "--noise", "threshold=0.5", "--noise", "fgsm=2", ...small];
    type Runs = { readonly runs: readonly { readonly meanIoU: number }[] };
    const [there, here] = (await both(words)) as unknown as [Runs, Runs];
    expect(Math.abs(there.runs[0]!.meanIoU - here.runs[0]!.meanIoU)).toBeLessThan(sameScore);
  });

  it("report compares networks there, an ANN in 8 bits among them", async () => {
    const { code, err } = await runCommand(
      ...["report", at("lif"), at("ann"), "-o", at("report.html"), ...small],
      ...["--device", device],
    );
    expect([code, err]).toEqual([0, expect.not.stringContaining("is left out")]);
    expect(readFileSync(at("report.html"), "utf8")).toContain("ann in 8 bits");
  });

  it("checkpoint settle estimates a norm's statistics there", async () => {
    const [there, here] = [at("settled-there"), at("settled-here")];
    for (const [path, where] of [
      [there, device],
      [here, "cpu"],
    ] as const) {
      const words = ["checkpoint", "settle", at("lif"), `${path}.safetensors`, "--threads", "1"];
      const { code, err } = await runCommand(...words, "--device", where);
      expect([code, err]).toEqual([0, expect.any(String)]);
    }
    const statistics = async (path: string) =>
      (await loadCheckpoint(`${path}.safetensors`)).tensors.get("bn_features.0.running_var")!;
    const [ours, theirs] = [await statistics(there), await statistics(here)];
    for (const [i, value] of (ours.data as Float32Array).entries()) {
      expect(Math.abs(value - (theirs.data as Float32Array)[i]!)).toBeLessThan(1e-4);
    }
  });

  it.each(["step", "infer"])("bench %s times what is done there, in memory of its own", async (name) => {
    const tiny = [
      "--threads",
      "1",
      "--rounds",
      "1",
      "--batch-size",
      "1",
      "--timesteps",
      "2",
      "--img-size",
      "16",
    ];
    const result = await answer(["bench", name, ...tiny], device);
    expect(result).toMatchObject({ device, precision: "fp32", ours: { ms: expect.any(Number) } });
    const { peakBytes } = (result as { ours: { peakBytes?: number } }).ours;
    if (peakBytes !== undefined) expect(peakBytes).toBeGreaterThan(0);
    const run = await answer(["bench", name, "--run", at("lif"), ...tiny.slice(0, 6)], device);
    expect(run).toMatchObject({ device, run: expect.stringContaining("lif") });
    if (name === "infer" || !fusesThere) return;
    const onBits = await answer(["bench", name, "--precision", "bf16", ...tiny], device);
    expect(onBits).toMatchObject({ device, precision: "bf16", ours: { ms: expect.any(Number) } });
  });

  it("refuses kernels of the CPU before anything is written", async () => {
    for (const words of [
      ["eval", at("lif"), "--precision", "fast", "--picture", at("new/picture.png")],
      ["predict", at("lif"), at("picture.png"), "--precision", "int8", "-o", at("new")],
      ["robustness", at("lif"), "--precision", "exact", "--csv", at("new/x.csv")],
      ["bench", "infer", "--precision", "fast"],
    ]) {
      const { code, err } = await runCommand(...words, "--device", device);
      expect([code, err]).toEqual([
        2,
        expect.stringMatching(/--precision: expected fp32 with --device cuda, received .*CPU alone/),
      ]);
    }
    expect(existsSync(at("new"))).toBe(false);
  });

  it.skipIf(!isBuilt)("a process of its own trains there (skipped before the build)", async () => {
    writeTinyData(at("data"));
    const words = ["--root", at("data"), "--dataset", "folder", "--img-size", "8", "--timesteps", "2"];
    const rest = ["--threads", "1", "--workers", "0", "--epochs", "1", "--run", at("trained")];
    const { code, err } = await snnseg(["train", ...words, ...rest, "--device", device]);
    expect([code, err]).toEqual([0, expect.not.stringContaining("internal")]);
  });
});

describe("a device that is not there", { timeout: processTimeout }, () => {
  it.each([
    ["eval", ["lif", "--picture", "new/a.png", "--pictures", "1"]],
    ["predict", ["lif", "picture.png", "-o", "new"]],
    ["convert", ["ann", "--run", "new"]],
    ["energy", ["lif", "-o", "new/energy.json"]],
    ["robustness", ["lif", "--csv", "new/a.csv"]],
    ["report", ["lif"]],
    ["train", ["--dataset", "digits", "--run", "new"]],
    ["bench step", []],
    ["bench infer", []],
  ])("is refused at the start by %s", async (command, words) => {
    const paths = words.map((word) => (/^(lif|ann|picture|new)/.test(word) ? at(word) : word));
    const { code, err } = await runCommand(...command.split(" "), ...paths, "--device", "cuda:9");
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/device: expected .* received cuda:9, but .*; use cpu/),
    ]);
    for (const file of ["new/a.png", "new/energy.json", "new/a.csv", "new/picture.png", "new/run.json"])
      expect(existsSync(at(file))).toBe(false);
  });

  it("is no place for what stays on the CPU", async () => {
    const options = { device: "cuda" };
    await expect(exportRun(at("lif"), { to: "onnx", output: at("a.onnx"), options })).rejects.toThrow(
      /export: expected the CPU, .* received --device cuda/,
    );
    for (const words of [
      ["export", at("lif"), "--to", "onnx"],
      ["bench", "layer"],
      ["bench", "scale"],
      ["bench"],
    ]) {
      const { code, err } = await runCommand(...words, "--device", "cuda");
      expect([code, err]).toEqual([2, expect.stringContaining("--device")]);
    }
    expect(existsSync(at("a.onnx"))).toBe(false);
  });
});
