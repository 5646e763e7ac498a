/** Training and evaluation take anything with a `forward`. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countedNetwork, OperationCounter } from "../activity/index.js";
import { createLoader, type DatasetSpec, type Loader } from "../datasets/index.js";
import { conv2d, liveTensors, rand, scope, zeros } from "../engine/index.js";
import { fuseSnn } from "../inference/index.js";
import { type AnnConfig, createModel, type ForwardNetwork, modelDefaults } from "../models/index.js";
import { Adam, Module } from "../nn/index.js";
import { encodeInput, evaluate, trainStep } from "./index.js";

const data: DatasetSpec = { name: "digits", imgSize: [16, 16], trainSize: 8, valSize: 4, digits: [1, 1] };
const input = { model: "snn", encoding: "direct", timesteps: 2, device: "cpu" } as const;

/** One convolution, and nothing else. */
class Pixelwise extends Module implements ForwardNetwork {
  readonly weight;

  constructor(channels: number, classes: number) {
    super();
    this.weight = this.parameter("weight", rand([classes, channels, 1, 1], 1));
  }

  forward(x: Parameters<ForwardNetwork["forward"]>[0]) {
    return { logits: conv2d(x, this.weight) };
  }
}

describe("anything with a forward", () => {
  let training: Loader;
  let validation: Loader;
  beforeAll(async () => {
    training = await createLoader(data, { split: "train", batchSize: 4, seed: 1 });
    validation = await createLoader(data, { split: "val", batchSize: 4 });
  });
  afterAll(async () => {
    await training.close();
    await validation.close();
  });
  const scored = () => ({ input, seed: 1, trainPixels: training.dataset.classes.map(() => 1) });

  it("is trained and scored: a module of one's own, which is in its mode again behind it", async () => {
    const before = liveTensors();
    {
      const { channels, classes } = training.dataset;
      using model = new Pixelwise(channels, classes.length);
      using optimizer = new Adam(model.parameters(), { lr: 0.1 });
      const losses: number[] = [];
      for (let epoch = 0; epoch < 4; epoch++) {
        for await (const batch of training.batches(0)) {
          const encode = () => encodeInput(batch, input, (n) => n);
          const result = trainStep(batch, { model, optimizer, encode, device: "cpu" });
          losses.push(result.loss);
          expect(result.activity).toEqual([]);
        }
      }
      expect(losses.at(-1)).toBeLessThan(losses[0]!);
      const { examples, loss } = await evaluate(model, validation, scored());
      expect(examples).toBe(4);
      expect(loss).toBeGreaterThan(0);
      expect(model.training).toBe(true);
    }
    expect(liveTensors()).toBe(before);
  });

  it("is scored: a plain object, and a fused network as the network that it was made from", async () => {
    const { channels, classes } = training.dataset;
    const numClasses = classes.length;
    const blank: ForwardNetwork = {
      forward: ({ shape }) => ({ logits: zeros([shape[0]!, numClasses, ...shape.slice(2)]) }),
    };
    const { matrix } = await evaluate(blank, validation, scored());
    expect(matrix.predictedPixels()[0]).toBe(matrix.truePixels().reduce((sum, count) => sum + count, 0));
    using model = createModel({
      ...{ ...modelDefaults, kind: "snn", arch: "dl-vgg9", timesteps: 2 },
      ...{ inputChannels: channels, numClasses },
    });
    using fused = fuseSnn(model, { height: 16, width: 16, precision: "exact" });
    const [ours, theirs] = [
      await evaluate(fused, validation, scored()),
      await evaluate(model, validation, scored()),
    ];
    expect(ours.loss).toBeCloseTo(theirs.loss, 4);
    expect(ours.spikes.layers().map(({ name }) => name)).toEqual(
      theirs.spikes.layers().map(({ name }) => name),
    );
    expect(() => fuseSnn(blank, { height: 16, width: 16, precision: "exact" })).toThrow("it is no SnnModel");
  });

  it("has its operations counted from a description", () => {
    const sizes = { inputChannels: 2, numClasses: 3 };
    const config: AnnConfig = { ...modelDefaults, ...sizes, kind: "ann", arch: "dl-vgg9" };
    const described = countedNetwork(config, [8, 8]);
    const counter = new OperationCounter({ ...described, layers: described.layers.slice(0, 1) });
    scope("test", () => counter.input("features.0", rand([1, 2, 8, 8], 1)));
    expect(counter.operations().layers.map(({ name }) => name)).toEqual(["features.0"]);
  });
});
