/** The command itself, on a real network and on files written by PyTorch. */
import { spawnSync } from "node:child_process";
import { copyFile, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { full } from "../../engine/index.js";
import { createModel, modelDefaults, type SnnConfig } from "../../models/index.js";
import { readState } from "../../nn/index.js";
import {
  diffArrays,
  loadCheckpoint,
  type NamedArrays,
  type PickleDict,
  type PickleValue,
  readPytorch,
  readSafetensors,
  saveCheckpoint,
  writePytorch,
} from "../../serialization/index.js";
import { runProgram } from "../program.js";

const model = {
  kind: "snn",
  arch: "dl-vgg9",
  kernelSize: 3,
  init: "xavier",
  batchNorm: true,
  inputChannels: 2,
  numClasses: 3,
  timesteps: 2,
  leak: 0.5,
  threshold: 0.75,
  surrogate: "exponential",
  reset: "soft",
  fullPropagation: false,
  imbalance: 0,
} as const satisfies SnnConfig;
const fixture = (name: string) =>
  fileURLToPath(new URL(`../../serialization/fixtures/${name}.pth`, import.meta.url));

let folder = "";
const at = (name: string) => join(folder, name);

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const streams = { out: new PassThrough(), err: new PassThrough() };
  const code = await runProgram(["checkpoint", ...argv], streams);
  const textOf = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? "";
  return { code, out: textOf(streams.out), err: textOf(streams.err) };
}

async function runJson(...argv: string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await run(...argv, "--json");
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as Record<string, unknown>;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-cli-checkpoint-"));
  using network = createModel(model, { seed: 3 });
  const thresholds: NamedArrays = new Map([
    ["layer.2.features.0", { dtype: "float32", shape: [1], data: Float32Array.of(1.5) }],
  ]);
  const config = { model: "snn", imgSize: [16, 24], labelPixel: "centre" };
  await saveCheckpoint(at("best"), {
    tensors: readState(network),
    thresholds,
    meta: { model, config, epoch: 7 },
  });
  await runJson("export", at("best"), at("plain.pth"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("snnseg checkpoint", () => {
  it("refuses to lose thresholds that the reference's layout has no place for", async () => {
    const config = { ...model, arch: "dwnet", timesteps: 1, neuron: "integer", norm: "affine" } as const;
    using network = createModel(config, { seed: 3 });
    for (const layer of network.spikingLayers().values()) layer.setThreshold(full([1], 0.25));
    await saveCheckpoint(at("dwnet"), {
      tensors: readState(network),
      meta: { model: config, config: { model: "snn", imgSize: [16, 24] }, epoch: 1 },
    });
    const { code, err } = await run("export", at("dwnet"), at("dwnet.pth"), "--layout", "reference");
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/expected the network's own threshold, 0.75.*lif_.*fire/),
    ]);
    await expect(stat(at("dwnet.pth"))).rejects.toThrow("ENOENT");
    expect((await run("export", at("dwnet"), at("dwnet.pth"))).code).toBe(0);
  });
  it("shows its commands, and examples of each", async () => {
    const { code, out } = await run();
    expect(code).toBe(0);
    for (const name of ["inspect", "import", "export", "migrate", "diff"]) {
      expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
      expect((await run(name, "--help")).out).toMatch(/Examples:\n {2}\$ snnseg checkpoint/);
    }
  });

  it("goes through the reference's layout and back without changing a bit", async () => {
    await runJson("export", at("best"), at("reference.pth"), "--layout", "reference");
    const imported = await runJson("import", at("reference.pth"), at("back"));
    expect(imported).toMatchObject({ checkpoint: at("back.safetensors"), model });
    expect(await runJson("diff", at("best"), at("back"))).toMatchObject({ equal: true, differing: 0 });
    expect(await runJson("diff", at("reference.pth"), at("back"))).toMatchObject({ differing: 8 }); // thresholds are ours
    const { meta, thresholds } = await loadCheckpoint(at("back"));
    expect(meta).toMatchObject({
      epoch: 7,
      step: 0,
      config: { imgSize: [16, 24], leak: 0.5, labelPixel: "centre" },
      importedFrom: { file: "reference.pth" },
    });
    expect(meta.config).not.toHaveProperty("dataset");
    // Nothing was trained: no option of training is in force.
    for (const key of ["epochs", "lr", "init", "augment"]) expect(meta.config).not.toHaveProperty(key);
    expect(thresholds.get("layer.2.features.0")?.data).toEqual(Float32Array.of(1.5));
    expect(thresholds.get("layer.2.classifier.0")?.data).toEqual(Float32Array.of(0.75));
  });

  it.each([
    ["unet", "snn"],
    ["dwnet", "snn"],
    ["dwnet", "ann"],
  ] as const)(
    "takes %s back as %s from both layouts, neurons without convolutions too",
    async (arch, kind) => {
      const described = { ...model, kind, arch, leakySlope: 0 } as const;
      using network = createModel(described, { seed: 3 });
      const config = { model: kind, arch, imgSize: [16, 24] };
      const meta = { model: described, config, epoch: 1 };
      await saveCheckpoint(at(arch), { tensors: readState(network), thresholds: new Map(), meta });
      for (const layout of ["ours", "reference"]) {
        await runJson("export", at(arch), at(`${arch}.pth`), "--layout", layout);
        const imported = await runJson("import", at(`${arch}.pth`), at(`${arch}-back`));
        expect(imported).toMatchObject({ model: { arch, kind, inputChannels: 2, numClasses: 3 } });
        const difference = await runJson("diff", at(arch), at(`${arch}-back`));
        expect(difference, layout).toMatchObject({ equal: true, differing: 0 });
      }
    },
  );

  it("exports names and values as they are, to both formats", async () => {
    await runJson("export", at("best"), at("plain.safetensors"));
    const { tensors } = await loadCheckpoint(at("best"));
    const pytorch = (await readPytorch(at("plain.pth"))).value as NamedArrays;
    const safetensors = (await readSafetensors(at("plain.safetensors"))).tensors;
    for (const exported of [pytorch, safetensors]) {
      expect([...exported.keys()]).toEqual([...tensors.keys()]);
      expect(diffArrays(exported, tensors).filter(({ status }) => status !== "equal")).toEqual([]);
    }
    expect(await runJson("diff", at("plain.pth"), at("plain.safetensors"))).toMatchObject({ equal: true });
  });

  const python = "/usr/bin/python3";
  const hasTorch = spawnSync(python, ["-c", "import torch"]).status === 0;
  it.skipIf(!hasTorch)("exports what torch.load(weights_only=True) opens (needs python3-torch)", async () => {
    await runJson("export", at("best"), at("torch.pth"), "--layout", "reference");
    const program =
      "import sys, torch; f = torch.load(sys.argv[1], weights_only=True); " +
      "print(list(f), len(f['state_dict']), float(f['config']['leak_mem']), f['config']['arch'], list(f['thresholds']['layer']))";
    const { stdout, stderr } = spawnSync(python, ["-c", program, at("torch.pth")], { encoding: "utf8" });
    expect(stderr).toBe("");
    // 9 convolutions; 8 batch norms of 4 entries at 2 timesteps
    expect(stdout.trim()).toBe("['state_dict', 'config', 'thresholds', 'epoch'] 73 0.5 dl-vgg9 [2]");
  });

  it("migrates an old file: wrappers' prefixes, bare thresholds", async () => {
    const { tensors } = await loadCheckpoint(at("best"));
    const old: NamedArrays = new Map([...tensors].map(([key, array]) => [`module.${key}`, array]));
    await writePytorch(
      at("old.pth"),
      new Map<string, PickleValue>([
        ["state_dict", old],
        ["thresholds", [1, 2]],
        ["epoch", 3],
      ]),
    );
    const refused = await run("migrate", at("old.pth"), at("new.pth"));
    expect(refused).toMatchObject({
      code: 1,
      err: expect.stringMatching(/bare list; say its type and timesteps/) as string,
    });
    await runJson("migrate", at("old.pth"), at("new.pth"), "--thresholds", "layer", "--timesteps", "100");
    const renewed = (await readPytorch(at("new.pth"))).value as Map<string, PickleValue>;
    expect([...renewed.keys()]).toEqual(["state_dict", "thresholds", "epoch"]);
    expect((renewed.get("state_dict") as NamedArrays).has("bn_features.0.1.running_var")).toBe(true);
    expect(((renewed.get("thresholds") as PickleDict).get("layer") as PickleDict).get(100)).toHaveLength(2);
    await runJson("migrate", at("best"), at("copy"));
    expect(await runJson("diff", at("best"), at("copy"))).toMatchObject({ equal: true });
  });

  it("inspects every kind of file", async () => {
    const best = await runJson("inspect", at("best"));
    expect(best).toMatchObject({
      kind: "checkpoint",
      layout: "ours",
      thresholds: ["layer.2.features.0"],
      meta: { epoch: 7 },
    });
    const { code, out } = await run("inspect", fixture("reference-legacy"));
    expect(code).toBe(0);
    expect(out).toContain(
      "reference-legacy.pth (PyTorch file): 14 arrays, 45 elements, layout the reference's",
    );
    expect(out).toMatch(/^features\.0\.weight +float32 \[2, 1, 3, 3\] +0\.000 +1\.214 +2\.429 +5\.6 %$/m);
    expect(out).toMatch(/^config: \{"arch":"dl-vgg9","timesteps":3/m);
  });

  it("knows a PyTorch file by its content", async () => {
    await copyFile(fixture("reference-legacy"), at("weights.bin"));
    await copyFile(fixture("reference-zip"), at("misnamed.safetensors"));
    for (const name of ["weights.bin", "misnamed.safetensors"]) {
      expect(await runJson("inspect", at(name))).toMatchObject({ kind: "pytorch", layout: "reference" });
    }
  });

  it("refuses foreign files of any name, and says what they are not", async () => {
    await writeFile(
      at("attack.pkl"),
      Buffer.from("\x80\x02cos\nsystem\nX\x02\x00\x00\x00id\x85R.", "latin1"),
    );
    const { code, err } = await run("inspect", at("attack.pkl"));
    expect(err).toMatch(
      /attack\.pkl: expected a file of torch\.save .*received one that begins with 8002636f/,
    );
    expect(code).toBe(1);
  });

  it("shows what differs", async () => {
    const { tensors, meta } = await loadCheckpoint(at("best"));
    const weight = tensors.get("classifier.1.weight")!;
    const data = (weight.data as Float32Array).slice();
    data[5]! += 0.5;
    tensors.set("classifier.1.weight", { ...weight, data });
    await saveCheckpoint(at("changed"), { tensors, meta });
    const { out } = await run("diff", at("best"), at("changed"));
    expect(out).toMatch(/1 of \d+ arrays differ/);
    expect(out).toMatch(
      /^classifier\.1\.weight +values differ +float32 \[3, 1024, 1, 1\] +5\.00e-1 +\S+ +1$/m,
    );
  });

  it.each([
    [["inspect", "none.pth"], 1, /no such file/],
    [["inspect", "none"], 1, /find checkpoint: expected none\.safetensors/],
    [["import", fixture("values-protocol2"), "out"], 1, /expected a state dict/],
    [
      ["import", fixture("reference-zip"), "out"],
      1,
      /expected the weights of dl-vgg9, .*received 2 convolutions/,
    ],
    [["export", "BEST", "out.onnx"], 2, /to end in \.pth, \.pt or \.safetensors, received .*out\.onnx/],
    [["import", "PLAIN", "out", "--model", "ann"], 1, /arrays of dl-vgg9 \(ann\)/],
    [
      ["import", "PLAIN", "out", "--timesteps", "3"],
      1,
      /bn_features\.0\.weight is \[2, 64\] instead of \[3, 64\]/,
    ],
    [["import", "PLAIN", "out", "--leak", "2"], 2, /--leak: expected a number above 0 and at most 1/],
    [["migrate", "PLAIN", "out.pth", "--thresholds", "pixel"], 2, /layer, channel, neuron/],
    [["inspekt", "x"], 2, /expected a command, received inspekt; did you mean inspect/],
  ])("answers %j with one line and exit code %i", async (argv, exit, message) => {
    const before = await readdir(folder);
    const words = argv.map(
      (word) =>
        ({
          BEST: at("best"),
          PLAIN: at("plain.pth"),
          out: at("out"),
          "out.onnx": at("out.onnx"),
          "out.pth": at("out.pth"),
        })[word] ?? word,
    );
    const { code, err } = await run(...words);
    expect(err).toMatch(message);
    expect(err).toMatch(/^error: [^\n]*\n$/);
    expect(code).toBe(exit);
    expect(await readdir(folder)).toEqual(before);
  });

  it("needs --model where nothing tells an ANN from an SNN", async () => {
    using network = createModel({
      kind: "ann",
      arch: "fcn-vgg9",
      ...modelDefaults,
      batchNorm: false,
      inputChannels: 1,
      numClasses: 2,
    });
    await writePytorch(at("bare.pth"), readState(network) as NamedArrays);
    expect(await run("import", at("bare.pth"), at("bare"))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--model ann or --model snn/) as string,
    });
    await runJson(
      "import",
      at("bare.pth"),
      at("bare"),
      "--model",
      "snn",
      "--timesteps",
      "4",
      "--dataset",
      "digits",
    );
    const { meta, tensors } = await loadCheckpoint(at("bare"));
    expect(meta).toMatchObject({
      model: {
        kind: "snn",
        arch: "fcn-vgg9",
        timesteps: 4,
        batchNorm: false,
        inputChannels: 1,
        numClasses: 2,
      },
    });
    expect(meta).toMatchObject({ config: { dataset: "digits" } });
    expect(tensors.has("lif_upsample.1.threshold")).toBe(true);
    expect((await stat(at("bare.json"))).size).toBeGreaterThan(0);
  });

  it("starts a network from torchvision's VGG11, with notes on what does not fit", async () => {
    const conv = (out: number, input: number) => ({
      dtype: "float32" as const,
      shape: [out, input, 3, 3],
      data: new Float32Array(out * input * 9).fill(0.5),
    });
    const vgg: NamedArrays = new Map([
      ["features.0.weight", conv(64, 3)],
      ["features.0.bias", { dtype: "float32", shape: [64], data: new Float32Array(64) }],
    ]);
    for (const index of [3, 6, 8, 11, 13, 16, 18]) vgg.set(`features.${index}.weight`, conv(1, 1));
    await writePytorch(at("vgg11.pth"), vgg);
    const result = await runJson(
      "import",
      at("vgg11.pth"),
      at("start"),
      "--model",
      "ann",
      "--num-classes",
      "4",
    );
    expect(result).toMatchObject({
      model: { kind: "ann", arch: "dl-vgg11", inputChannels: 3, numClasses: 4 },
    });
    expect(result.notes).toContain("1 biases left out: our convolutions have none");
    const { tensors } = await loadCheckpoint(at("start"));
    expect((tensors.get("features.0.weight")!.data as Float32Array).every((value) => value === 0.5)).toBe(
      true,
    );
    expect((tensors.get("features.1.weight")!.data as Float32Array).every((value) => value === 0.5)).toBe(
      false,
    );
    expect(tensors.get("classifier.2.weight")!.shape).toEqual([4, 1024, 1, 1]);
  });
});
