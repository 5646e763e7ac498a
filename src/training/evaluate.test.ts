/** What evaluation does where it is told nothing, and that the size of batches does not show in scores. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createLoader, type DatasetSpec, type Loader } from "../datasets/index.js";
import { zeros } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { createModel, type ForwardNetwork, modelDefaults } from "../models/index.js";
import { evaluate } from "./index.js";

const data: DatasetSpec = { name: "digits", imgSize: [16, 16], trainSize: 1, valSize: 5, digits: [1, 1] };
const sizes = { inputChannels: 3, numClasses: 11 };
const snn = createModel({ ...modelDefaults, ...sizes, kind: "snn", arch: "dl-vgg9", timesteps: 3 });
const ann = createModel({ ...modelDefaults, ...sizes, kind: "ann", arch: "dl-vgg9" });
let loaders: Loader[] = [];
beforeAll(async () => {
  loaders = await Promise.all([2, 3].map((batchSize) => createLoader(data, { split: "val", batchSize })));
});
afterAll(async () => {
  for (const model of [snn, ann]) model.dispose();
  for (const loader of loaders) await loader.close();
});

it("draws Poisson spikes by example, whatever the loader's batch size", async () => {
  const options = { input: { encoding: "poisson" }, seed: 4 } as const;
  const [a, b] = [await evaluate(snn, loaders[0]!, options), await evaluate(snn, loaders[1]!, options)];
  expect(a.examples).toBe(5);
  expect(a.spikes.perExample()).toEqual(b.spikes.perExample());
  expect(a.matrix.counts).toEqual(b.matrix.counts);
  expect(a.loss).toBeCloseTo(b.loss, 6);
  const other = await evaluate(snn, loaders[0]!, { ...options, seed: 5 });
  expect(other.spikes.perExample()).not.toEqual(a.spikes.perExample());
});

it.each([snn, ann])(
  "feeds images as they are, for the network's timesteps, unless told otherwise",
  async (model) => {
    const { kind } = model.config;
    const said = { model: kind, encoding: "direct", timesteps: 3, device: "cpu" } as const;
    const [asked, unasked] = [
      await evaluate(model, loaders[0]!, { input: said, seed: 0, limitBatches: null }),
      await evaluate(model, loaders[0]!),
    ];
    expect(unasked.loss).toBe(asked.loss);
    expect(unasked.spikes.toJSON()).toEqual(asked.spikes.toJSON());
  },
);

it("compares with the commonest class of the training split, or of what is scored where that is unknown", async () => {
  const blank: ForwardNetwork = {
    forward: ({ shape }) => ({ logits: zeros([shape[0]!, sizes.numClasses, ...shape.slice(2)]) }),
  };
  const { scores, baseline } = await evaluate(blank, loaders[0]!);
  expect(baseline).toEqual(scores);
  const trainPixels = Array.from({ length: sizes.numClasses }, (_, k) => k);
  const told = await evaluate(blank, loaders[0]!, { trainPixels });
  expect(told.baseline.pixelAccuracy).toBeLessThan(baseline.pixelAccuracy);
});

it("refuses Poisson coding of a network that does not spike", async () => {
  const input = { encoding: "poisson" } as const;
  await expect(evaluate(ann, loaders[0]!, { input })).rejects.toThrow(OptionError);
  const own: ForwardNetwork = {
    forward: ({ shape }) => ({ logits: zeros([shape.at(-4)!, sizes.numClasses, 16, 16]) }),
  };
  await expect(evaluate(own, loaders[0]!, { input })).rejects.toThrow("one without a config");
  const spiking = { ...own, config: { kind: "snn", timesteps: 2 } as const };
  await expect(evaluate(spiking, loaders[0]!, { input })).resolves.toMatchObject({ examples: 5 });
});
