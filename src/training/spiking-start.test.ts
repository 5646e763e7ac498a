/** Training that begins with ReLU and spikes later: an ANN's training first, then thresholds from its activations. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { inRun, tinyDigits, type Values } from "../../tests/tiny-run.js";
import { flagLayer, resolveConfig } from "../config/index.js";
import { noGrad, scope } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { SnnModel } from "../models/index.js";
import { encodeInput } from "./encode-input.js";
import { initialNetwork } from "./initial-network.js";
import { RunFolder, readRunRecord } from "./run-folder.js";
import { enterPhase, firstSpikingEpoch } from "./spiking-start.js";
import { resumeRun, type StartedRun } from "./start-run.js";
import { trainRun } from "./train-run.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-spiking-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ann: Values = {
  ...{
    ...tinyDigits,
    arch: "dwnet",
    imgSize: 32,
    digitsTrain: 4,
    model: "ann",
    optimizer: "adam",
    epochs: 4,
    evalEvery: 1,
  },
};
const later: Values = {
  ...{
    ...ann,
    model: "snn",
    neuron: "integer",
    levels: 3,
    timesteps: 1,
    encoding: "direct",
    spikingFrom: 0.5,
  },
};
const at = (name: string) => join(folder, name);
const weightsOf = ({ experiment: { model } }: StartedRun) =>
  [...model.parameters()].map(([name, x]) => [name, x.toFloat32Array()]);
const metricsOf = (path: string) =>
  readFileSync(join(path, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { kind: string; epoch: number; loss: number; rates: object });

/** A whole run, in as many processes' stead as there are epochs to stop after. */
async function trained(path: string, values: Values, stopAfter: readonly number[] = []) {
  const run = async (started: StartedRun, [stop]: readonly number[]) => {
    const { signal, abort } = stopper();
    const observer = { epochDone: ({ epoch }: { epoch: number }) => epoch === stop && abort() };
    const { progress } = await trainRun({ ...started, signal, observer });
    return { weights: weightsOf(started), best: progress.best };
  };
  let result = await inRun(path, values, (started) => run(started, stopAfter));
  for (let stops = stopAfter.slice(1), left = stopAfter.length; left > 0; left--, stops = stops.slice(1)) {
    const started = await resumeRun(resolveConfig([flagLayer(values)]), new RunFolder(path));
    await using _ = started.experiment;
    result = await run(started, stops);
  }
  return result;
}

function stopper() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

describe("--spiking-from", () => {
  it("trains as the ANN does first, then a spiking network, whose scores alone make the best", async () => {
    const shallow = { arch: "dl-vgg9", imgSize: 8 };
    await trained(at("ann"), { ...ann, ...shallow });
    const { best } = await trained(at("later"), { ...later, ...shallow });
    const [theirs, ours] = [metricsOf(at("ann")), metricsOf(at("later"))];
    const lossesOf = (lines: typeof ours, first: number, last: number) =>
      lines.filter(({ epoch }) => epoch >= first && epoch <= last).map(({ kind, loss }) => [kind, loss]);
    // The output adds up in another order, which training makes more of from step to step.
    const nearly = (lines: ReturnType<typeof lossesOf>, digits: number) =>
      lines.map(([kind, loss]) => [kind, expect.closeTo(loss as number, digits)]);
    expect(lossesOf(ours, 1, 1)).toEqual(nearly(lossesOf(theirs, 1, 1), 3));
    expect(lossesOf(ours, 2, 2)).toEqual(nearly(lossesOf(theirs, 2, 2), 1));
    expect(lossesOf(ours, 3, 3)).not.toEqual(nearly(lossesOf(theirs, 3, 3), 3));
    expect(ours.map(({ rates }) => Object.keys(rates).length)).toEqual([0, 0, 0, 0, 8, 8, 8, 8]);
    expect(best!.epoch).toBeGreaterThan(2);
    const { best: file } = new RunFolder(at("later"));
    expect(existsSync(file)).toBe(true);
  });

  it("goes on from any phase as if never interrupted", async () => {
    const whole = await trained(at("whole"), later);
    const parts = await trained(at("parts"), later, [1, 2, 3]);
    expect(parts).toEqual(whole);
  });

  it("takes for thresholds what a share of 1 − (0.4/D)² of the activations stay below, divided by D", () =>
    inRun(at("thresholds"), later, async ({ experiment }) => {
      const { model, trainLoader, config } = experiment;
      if (!(model instanceof SnnModel)) throw new Error("no SNN");
      expect(await enterPhase(experiment, { epoch: 0, step: 0 })).toBe(false);
      expect(model.config.spiking).toBe(false);
      const activations = new Map<string, number[]>();
      model.setTraining(false);
      for await (const batch of trainLoader.batches(0)) {
        const fired = (name: string, { spikes }: { spikes: { toNumbers(): number[] } }) =>
          void activations.set(name, [...(activations.get(name) ?? []), ...spikes.toNumbers()]);
        const input = () => encodeInput(batch, config, () => 0);
        scope("see", () => noGrad(() => model.forward(input(), { observer: { fired } })));
      }
      expect(await enterPhase(experiment, { epoch: 2, step: 0 })).toBe(true);
      expect(model.config.spiking).toBe(true);
      for (const [name, { threshold }] of model.spikingLayers()) {
        const sorted = activations.get(name)!.toSorted((a, b) => a - b);
        const quantile = sorted[Math.floor((1 - (0.4 / 3) ** 2) * sorted.length)]!;
        // Exact to a bin of the histogram.
        expect(Math.abs(threshold.item() * 3 - quantile), name).toBeLessThan(sorted.at(-1)! / 500);
      }
      expect(await enterPhase(experiment, { epoch: 2, step: 1 })).toBe(false);
    }));

  it("begins with a trained ANN's weights", async () => {
    await trained(at("teacher"), { ...ann, epochs: 1 });
    const values = { ...later, initFrom: at("teacher"), spikingFrom: 0, lr: 1e-30 };
    const teacher = await readRunRecord(new RunFolder(at("teacher")));
    expect(teacher.options.model).toBe("ann");
    const weights = await inRun(at("pupil"), values, async (started) => {
      const before = weightsOf(started);
      await enterPhase(started.experiment, { epoch: 0, step: 0 });
      const thresholds = [...(started.experiment.model as SnnModel).spikingLayers().values()];
      expect(thresholds.every(({ threshold }) => threshold.item() > 0 && threshold.item() !== 1)).toBe(true);
      return before;
    });
    const { experiment } = await resumeRun(
      resolveConfig([flagLayer({ ...ann, epochs: 1 })]),
      new RunFolder(at("teacher")),
    );
    await using _ = experiment;
    expect(weights).toEqual(
      [...experiment.model.parameters()].map(([name, x]) => [name, x.toFloat32Array()]),
    );
  });

  it("keeps thresholds out of the average of earlier weights, and waits for them where patience ends", async () => {
    await inRun(at("averaged"), { ...later, average: 0.9 }, async (started) => {
      const { model, average } = started.experiment;
      await trainRun(started);
      for (const [name, { threshold }] of (model as SnnModel).spikingLayers()) {
        expect(threshold.item()).not.toBe(1);
        const averaged = average!.averages().get(`lif_${name}.threshold`)!.item();
        expect(averaged).toBeCloseTo(threshold.item(), 5);
      }
    });
    const still = { ...later, lr: 1e-30, weightDecay: 0, patience: 1, epochs: 6 };
    const { best } = await trained(at("patient"), still);
    expect(best!.epoch).toBeGreaterThan(3);
    expect(firstSpikingEpoch({ spikingFrom: 0.99, epochs: 3 })).toBe(2);
  });

  it("refuses what cannot follow", async () => {
    expect(firstSpikingEpoch({ spikingFrom: 0.3, epochs: 10 })).toBe(3);
    const resolve = (values: Values) => resolveConfig([flagLayer({ ...tinyDigits, ...values })]);
    expect(() => resolve({ spikingFrom: 0.5 })).toThrow("--spiking-from: expected --neuron integer");
    expect(() => resolve({ ...later, norm: "bntt" })).toThrow("--norm: expected one that timesteps share");
    expect(() => resolve({ ...ann, norm: "tebn" })).toThrow("--norm: expected plain or affine for an ANN");
    await trained(at("affine"), { ...ann, epochs: 1, norm: "affine" });
    const asked = resolve({ ...later, norm: "plain", initFrom: at("affine") });
    await expect(initialNetwork(at("affine"), asked)).rejects.toThrow(OptionError);
    await expect(initialNetwork(at("affine"), asked)).rejects.toThrow(
      "--norm: expected affine, as in --init-from",
    );
  });
});
