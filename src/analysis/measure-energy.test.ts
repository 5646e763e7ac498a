/** Energy is counted on what a loader gives, with no more said than network and loader. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createLoader, type Loader } from "../datasets/index.js";
import { publishedEnergies } from "../energy/index.js";
import { liveTensors } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { createModel, modelDefaults } from "../models/index.js";
import { analyzeRun, measureEnergy } from "./index.js";

const sizes = { inputChannels: 3, numClasses: 11 };
let loader: Loader;
beforeAll(async () => {
  const spec = { name: "digits", imgSize: [16, 16], trainSize: 1, valSize: 3, digits: [1, 1] } as const;
  loader = await createLoader(spec, { split: "val", batchSize: 2 });
});
afterAll(() => loader.close());

it("counts operations and spikes of a network on a loader, as the analysis of a run does", async () => {
  using model = createModel({ ...modelDefaults, ...sizes, kind: "snn", arch: "dl-vgg9", timesteps: 2 });
  const before = liveTensors();
  const { operations, comparisons, chips, spikes, evaluation } = await measureEnergy(model, loader);
  expect(liveTensors()).toBe(before);
  const input = { model: "snn", encoding: "direct", timesteps: 2, device: "cpu" } as const;
  const run = { model, loader, input, seed: 0, limitBatches: null, trainPixels: [1] };
  const analysis = await analyzeRun(run);
  expect(operations.snn).toEqual(analysis.operations);
  expect(spikes).toEqual(analysis.spikes);
  expect(evaluation.examples).toBe(3);
  expect(comparisons.map(({ process }) => process)).toEqual(
    publishedEnergies.processes.map(({ name }) => name),
  );
  expect(chips).toHaveLength(publishedEnergies.chips.length);
});

it("takes other tables and fewer batches", async () => {
  using model = createModel({ ...modelDefaults, ...sizes, kind: "snn", arch: "dl-vgg9", timesteps: 2 });
  const tables = { ...publishedEnergies, chips: [] };
  const { chips, evaluation } = await measureEnergy(model, loader, { tables, limitBatches: 1 });
  expect(chips).toEqual([]);
  expect(evaluation.examples).toBe(2);
});

it("refuses an ANN", async () => {
  using model = createModel({ ...modelDefaults, ...sizes, kind: "ann", arch: "dl-vgg9" });
  await expect(measureEnergy(model, loader)).rejects.toThrow(OptionError);
});
