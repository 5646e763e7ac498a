import { expect, it } from "vitest";
import { configKeys } from "../config/index.js";
import { createLoader } from "../datasets/index.js";
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
