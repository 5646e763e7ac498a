import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { flagLayer, resolveConfig } from "../config/index.js";
import { DivergenceError } from "../errors.js";
import { loadState, readState } from "../nn/index.js";
import { createExperiment, type Experiment } from "./experiment.js";
import { freshProgress } from "./progress.js";
import { restoreTraining, saveTraining } from "./training-state.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-state-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("saveTraining", () => {
  it("refuses weights that are not finite, and promises no checkpoint that was never written", async () => {
    const tiny = { dataset: "digits", imgSize: 8, digitsTrain: 1, digitsVal: 1, timesteps: 1, workers: 0 };
    const { config } = resolveConfig([flagLayer(tiny)]);
    await using experiment = await createExperiment(config);
    const state = { progress: freshProgress(), trainCounts: { pixels: [], imagePixels: [] } };
    const sound = readState(experiment.model);
    const { dtype, shape } = sound.get("classifier.1.weight")!;
    const data = new Float32Array(shape.reduce((a, b) => a * b)).fill(Number.NaN);
    const path = join(folder, "last.safetensors");
    const spoil = () =>
      loadState(experiment.model, new Map([["classifier.1.weight", { dtype, shape, data }]]));
    spoil();
    const early = saveTraining(path, experiment, state);
    await expect(early).rejects.toThrow(DivergenceError);
    await expect(early).rejects.toThrow(/NaN at classifier\.1\.weight\[0, 0, 0, 0\]; nothing was saved yet/);
    loadState(experiment.model, sound);
    await saveTraining(path, experiment, state);
    spoil();
    await expect(saveTraining(path, experiment, state)).rejects.toThrow(/last\.safetensors keeps its last/);
  });
});

describe("restoreTraining", () => {
  it("refuses a data set whose classes have another order than when the run began", async () => {
    const tiny = { dataset: "digits", imgSize: 8, digitsTrain: 1, digitsVal: 1, timesteps: 1, workers: 0 };
    const { config } = resolveConfig([flagLayer(tiny)]);
    await using experiment = await createExperiment(config);
    const path = join(folder, "classes.safetensors");
    const { trainLoader } = experiment;
    const { dataset } = trainLoader;
    const pixels = dataset.classes.map(() => 1);
    const state = { progress: freshProgress(), trainCounts: { pixels, imagePixels: pixels } };
    await saveTraining(path, experiment, state);
    const reordered = { ...dataset, classes: dataset.classes.toReversed() };
    const changed: Experiment = {
      ...experiment,
      trainLoader: Object.create(trainLoader, { dataset: { value: reordered } }),
    };
    await expect(restoreTraining(path, changed)).rejects.toThrow(/expected the classes .*, as the run began/);
    await restoreTraining(path, experiment);
  });
});
