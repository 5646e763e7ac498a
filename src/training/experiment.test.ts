import { expect, it } from "vitest";
import { configKeys } from "../config/index.js";
import { createLoader } from "../datasets/index.js";
import { mul, scope, sum } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { createEvalLoader, createExperiment, createTrainLoader } from "./experiment.js";

/** What a checkpoint holds: the options in force that do not concern the machine. */
const recorded = { dataset: "digits", imgSize: [8, 8], digitsTrain: 2, digitsVal: 1, timesteps: 1 } as const;
const inThisThread = { workers: 0 } as const;

it("builds an experiment of a checkpoint's options, with defaults for those that it does not hold", async () => {
  await using experiment = await createExperiment({ ...recorded, ...inThisThread });
  expect(Object.keys(experiment.config).sort()).toEqual([...configKeys].sort());
  expect(experiment.config).toMatchObject({ ...recorded, batchSize: 16, cacheMb: 256 });
  for await (const batch of experiment.trainLoader.batches(0)) expect(batch.ids.length).toBe(2);
});

it("lets AdamW take from kernels alone, not from norms of any number of timesteps", async () => {
  const decaying = { optimizer: "adamw", lr: 0.5, weightDecay: 1, timesteps: 2 } as const;
  await using experiment = await createExperiment({ ...recorded, ...inThisThread, ...decaying });
  const parameters = [...experiment.model.parameters()];
  const norms = () =>
    parameters.map(([, weight]) => weight.toFloat32Array().reduce((sum, x) => sum + x * x, 0));
  const before = norms();
  // Gradients of 0, so that nothing but the decay moves weights.
  scope("loss", () => {
    for (const [, weight] of parameters) sum(mul(weight, 0)).backward();
  });
  experiment.optimizer.step();
  const after = norms();
  const halved = parameters.filter((_, i) => Math.abs(after[i]! / before[i]! - 0.25) < 1e-3);
  expect(halved.map(([name]) => name)).toEqual(
    parameters.filter(([, { shape }]) => shape.length === 4).map(([name]) => name),
  );
  expect(parameters.filter((_, i) => after[i] === before[i]).length).toBe(parameters.length - halved.length);
  expect(halved.length).toBeGreaterThan(5);
});

it("opens loaders of a checkpoint's options", async () => {
  await using train = await createTrainLoader({ ...recorded, ...inThisThread }, "train");
  await using evaluate = await createEvalLoader({ ...recorded, ...inThisThread }, { split: "val" });
  expect([train.batchCount, evaluate.batchCount]).toEqual([1, 1]);
});

it("refuses options that are wrong by name", async () => {
  const wrong = { ...recorded, timesteps: 0.5 };
  await expect(createExperiment(wrong)).rejects.toThrow(/^timesteps: expected a whole number/);
  const spec = { name: "digits", imgSize: [8, 8], trainSize: 1, valSize: 1 } as const;
  const opening = createLoader(
    { ...spec, preprocessing: "paper" },
    {
      ...{ split: "train", batchSize: 1, cacheBytes: Number.NaN },
    },
  );
  await expect(opening).rejects.toThrow(OptionError);
  await expect(opening).rejects.toThrow(/cacheBytes/);
});
