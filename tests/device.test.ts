/** Training and evaluation on a GPU, or on a device that stands for one: scripts/test-device. Without either they are skipped. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  add,
  chooseGpu,
  mul,
  noGrad,
  ones,
  operatorNames,
  permute,
  resetMemoryPeak,
  scope,
  sum,
  synchronize,
  tensorMemory,
  toDevice,
} from "../src/engine/index.js";
import { AdamW, Sgd } from "../src/nn/index.js";
import { encodeInput, RunFolder, resumedConfig, resumeRun, trainRun } from "../src/training/index.js";
import { fusesThere } from "./test-device.js";
import { inRun, tinyDigits, type Values } from "./tiny-run.js";

const device = process.env.SNNSEG_TEST_DEVICE ?? "";
const folder = mkdtempSync(join(tmpdir(), "snnseg-device-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Sums in another order, at most. */
const sameLoss = 1e-4;
/** A neuron fires or not: norms that round otherwise change a few spikes, and what comes of them. */
const sameSpikes = 2e-2;
/** A GPU draws other Poisson spikes than the CPU, and the stand-in the same. */
const otherInput = operatorNames("stand_in").length > 0 ? sameSpikes : 0.2;

const digits = { ...tinyDigits, imgSize: 32, digitsTrain: 4, digitsVal: 2, evalEvery: 1, seed: 1 };
const ann = { ...digits, model: "ann" };
const lif = { ...digits, timesteps: 3, encoding: "direct" };
const integers = { ...digits, timesteps: 1, encoding: "direct", neuron: "integer", norm: "affine" };

const onlyFused = (...training: [string, Values, number]) => (fusesThere ? [training] : []);

const trainings: readonly [string, Values, number][] = [
  ["an ANN", { ...ann, arch: "dwnet", norm: "affine", optimizer: "adamw", classWeights: "log" }, sameLoss],
  ["an ANN with gradients in bfloat16", { ...ann, precision: "bf16" }, sameLoss],
  ["an ANN of few levels", { ...ann, activationLevels: 4, average: 0.9, clipGradient: 1 }, sameLoss],
  ["integers", { ...integers, arch: "dwnet", optimizer: "adamw", learnThreshold: true }, sameLoss],
  ["integers after ReLUs", { ...integers, epochs: 2, spikingFrom: 0.5, average: 0.9 }, sameLoss],
  ["LIF with BNTT", { ...lif, optimizer: "adam", rateTarget: 0.05 }, sameSpikes],
  ["LIF of Poisson spikes", { ...lif, encoding: "poisson" }, otherInput],
  // Without kernels it is refused.
  ...onlyFused("LIF on bits", { ...lif, precision: "bf16" }, sameSpikes),
  [
    "LIF that learns",
    { ...lif, neuron: "plif", norm: "tebn", learnThreshold: true, loss: "lovasz" },
    sameSpikes,
  ],
  ["LIF by each timestep", { ...lif, arch: "fcn-vgg9", lossPerStep: 0.05 }, sameSpikes],
];

let runs = 0;
/** Losses of all steps, then what the last evaluation said. */
async function lossesOf(values: Values): Promise<readonly number[]> {
  const losses: number[] = [];
  await inRun(join(folder, `${runs++}`), values, async (run) => {
    const stepDone = ({ loss }: { readonly loss: number }) => void losses.push(loss);
    const { progress } = await trainRun({ ...run, observer: { stepDone } });
    losses.push(progress.latest!.loss);
  });
  return losses;
}

describe.skipIf(device === "")("on a GPU", () => {
  it("refuses tensors of two devices", () => {
    scope("two devices", () => {
      const there = ones([2], { device });
      expect(() => add(there, ones([2]))).toThrow(/same device/);
      expect(there.device).toMatch(/^cuda:\d$/);
    });
  });

  it("refuses a device that is not there", () => {
    expect(() => ones([2], { device: "cuda:99" })).toThrow(/device/);
  });

  it("takes for `cuda` the one that was chosen", () => {
    chooseGpu(99);
    try {
      expect(() => ones([2], { device: "cuda" })).toThrow(/received cuda:99/);
      expect(() => scope("move", () => toDevice(ones([2]), "cuda"))).toThrow(/received cuda:99/);
    } finally {
      chooseGpu(0);
    }
    scope("first", () => expect(ones([2], { device: "cuda" }).device).toBe("cuda:0"));
  });

  it("draws the same Poisson spikes for the same seed, whatever batch an example is in", () => {
    const images = new Float32Array(3 * 2 * 64).map((_, i) => ((i % 11) - 5) / 6);
    const spikesOf = (first: number, count: number) => {
      const [shape, from] = [[count, 2, 8, 8], first * 128];
      const batch = {
        ...{
          images: images.slice(from, from + count * 128),
          shape,
          ids: Array.from({ length: count }, String),
        },
        ...{ labels: new Uint8Array(), labelShape: [count, 8, 8] as const },
      };
      const input = { model: "snn", encoding: "poisson", timesteps: 40, device } as const;
      return scope("spikes", () => {
        const spikes = encodeInput(batch, input, (n) => first + n);
        expect(spikes.device).toMatch(/^cuda:\d$/);
        return permute(spikes, [1, 0, 2, 3, 4]).toFloat32Array();
      });
    };
    const all = spikesOf(0, 3);
    expect(spikesOf(0, 3)).toEqual(all);
    expect(spikesOf(1, 2)).toEqual(all.slice(40 * 128));
    expect(new Set(all)).toEqual(new Set([0, 1, -1]));
    // The share of spikes is the value's magnitude; 40 timesteps of some ten pixels in each example.
    const rate = (value: number) => {
      const at = [...images.keys()].filter((i) => images[i] === Math.fround(value));
      const spikes = at.flatMap((i) =>
        Array.from({ length: 40 }, (_, t) => all[Math.floor(i / 128) * 5120 + t * 128 + (i % 128)]!),
      );
      return spikes.reduce((a, b) => a + b, 0) / spikes.length;
    };
    for (const value of [5 / 6, 2 / 6, -3 / 6]) expect(Math.abs(rate(value) - value)).toBeLessThan(0.06);
  });

  it("tells the memory of tensors there, not the CPU's", () => {
    const elements = 2 ** 20;
    const before = tensorMemory(device);
    if (before === undefined) return; // of a libtorch before 2.9
    const onCpu = tensorMemory();
    scope("memory", () => {
      ones([elements], { device });
      expect(tensorMemory(device)!.liveBytes - before.liveBytes).toBe(4 * elements);
    });
    resetMemoryPeak(device);
    expect(tensorMemory(device)).toMatchObject({ liveBytes: before.liveBytes, peakBytes: before.liveBytes });
    scope("peak", () => void mul(ones([elements], { device }), 2));
    synchronize(device);
    expect(tensorMemory(device)!.peakBytes - before.liveBytes).toBeGreaterThanOrEqual(8 * elements);
    expect(tensorMemory(device)!.liveBytes).toBe(before.liveBytes);
    expect(tensorMemory().liveBytes).toBe(onCpu.liveBytes);
  });

  it.each(trainings)("trains %s as on the CPU", async (_, values, tolerance) => {
    const [there, here] = [await lossesOf({ ...values, device }), await lossesOf(values)];
    expect(there.length).toBe(here.length);
    for (const loss of there) expect(Number.isFinite(loss)).toBe(true);
    expect(Math.abs(there[0]! / here[0]! - 1)).toBeLessThan(tolerance);
  });

  it.each([
    ["there", device, device],
    ["from the CPU", "cpu", device],
    ["on the CPU", device, "cpu"],
  ])("goes on %s with a run that was stopped", async (name, before, after) => {
    const path = join(folder, `resumed ${name}`);
    const options = { ...integers, epochs: 2, optimizer: "adamw", average: 0.9, saveEvery: 1, batchSize: 2 };
    const stop = new AbortController();
    await inRun(path, { ...options, device: before }, async (run) => {
      await trainRun({ ...run, signal: stop.signal, observer: { stepDone: () => stop.abort() } });
    });
    const given = { source: "flag", where: "", values: { device: after } } as const;
    const run = await resumeRun(await resumedConfig(new RunFolder(path), [given]), new RunFolder(path));
    await using _experiment = run.experiment;
    const { finished, progress } = await trainRun(run);
    expect(finished).toBe(true);
    expect(progress.latest!.loss).toBeGreaterThan(0);
  });

  it.each([
    ["AdamW", (weights: Map<string, ReturnType<typeof ones>>) => new AdamW(weights, { lr: 0.1 })],
    ["SGD", (weights: Map<string, ReturnType<typeof ones>>) => new Sgd(weights, { lr: 0.1, momentum: 0.9 })],
  ])("%s takes a state that was read to the CPU where its weights are", (_, made) => {
    scope("state", () => {
      const weight = ones([3], { device }).setRequiresGrad(true);
      using optimizer = made(new Map([["w", weight]]));
      const step = () => {
        sum(weight).backward();
        optimizer.step();
        optimizer.zeroGrad();
      };
      step();
      const saved = new Map(
        [...optimizer.state()].map(([key, x]) => [key, noGrad(() => toDevice(x, "cpu"))]),
      );
      optimizer.loadState(saved, 1);
      step();
      for (const state of optimizer.state().values()) expect(state.device).toBe(weight.device);
      expect(weight.toNumbers().every((value) => value < 0.9)).toBe(true);
    });
  });
});
