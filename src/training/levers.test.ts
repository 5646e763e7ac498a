/** What training can do beside plain cross-entropy at a fixed pace. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { flagLayer, resolveConfig } from "../config/index.js";
import {
  conv2d,
  crossEntropy,
  liveTensors,
  mul,
  narrow,
  rand,
  reshape,
  resizeBilinear,
  scope,
  sum,
  type Tensor,
  tensorFrom,
} from "../engine/index.js";
import { createModel, type SegmentationModel } from "../models/index.js";
import { SpikeRatePenalty } from "../neurons/index.js";
import {
  diceLoss,
  focalLoss,
  loadState,
  logWeights,
  lovaszSoftmaxLoss,
  MovingAverage,
  medianFrequencyWeights,
  ohemCrossEntropy,
  readState,
  Sgd,
} from "../nn/index.js";
import { AuxiliaryHead } from "./auxiliary-head.js";
import type { Experiment } from "./experiment.js";
import { modelConfigOf } from "./network-from-config.js";
import { isPatienceOver } from "./patience.js";
import { freshProgress } from "./progress.js";
import { SegmentationLoss } from "./segmentation-loss.js";
import { labelTensor, trainStep } from "./train-step.js";
import { restoreTraining, saveTraining } from "./training-state.js";

const configOf = (values: Record<string, unknown>) => {
  const spiking = values.model === "ann" ? {} : { timesteps: 2 };
  return resolveConfig([flagLayer({ dataset: "digits", imgSize: 8, ...spiking, ...values })]).config;
};

describe("SegmentationLoss", () => {
  const [pixels, imagePixels] = [
    [30, 10, 60],
    [100, 50, 100],
  ];
  const of = (options: Record<string, unknown>) =>
    scope("test", () => {
      using loss = new SegmentationLoss(configOf(options), { pixels, imagePixels });
      return loss.of(logits(), labels()).item();
    });
  const logits = () => rand([1, 3, 2, 2], 7);
  const labels = () => tensorFrom(BigInt64Array.of(0n, 1n, 255n, 2n), [1, 2, 2]);
  const plain = (weights?: Float32Array) =>
    scope("test", () => crossEntropy(logits(), labels(), 255, weights && tensorFrom(weights, [3])).item());
  const dice = scope("test", () => diceLoss(logits(), labels(), { ignoreIndex: 255 }).item());
  const lovasz = scope("test", () => lovaszSoftmaxLoss(logits(), labels(), { ignoreIndex: 255 }).item());

  const ohem = { ignoreIndex: 255, threshold: 0.3, share: 0.5 };

  it("is the loss that is asked for, or the sum of two", () => {
    expect(of({})).toBe(plain());
    expect(of({ loss: "focal", focalGamma: 3 })).toBe(
      scope("test", () => focalLoss(logits(), labels(), { ignoreIndex: 255, gamma: 3 }).item()),
    );
    expect(of({ loss: "cross-entropy-ohem", ohemThreshold: 0.3, ohemShare: 0.5 })).toBe(
      scope("test", () => ohemCrossEntropy(logits(), labels(), ohem).item()),
    );
    expect(of({ loss: "dice" })).toBe(dice);
    expect(of({ loss: "lovasz" })).toBe(lovasz);
    expect(of({ loss: "cross-entropy+dice" })).toBeCloseTo(plain() + dice, 6);
    expect(of({ loss: "cross-entropy+lovasz" })).toBeCloseTo(plain() + lovasz, 6);
  });

  it("weighs classes by the training split's pixels where asked", () => {
    const weights = medianFrequencyWeights(pixels, imagePixels);
    expect(of({ classWeights: "log" })).toBe(plain(logWeights(pixels)));
    expect(of({ classWeights: "log-1.1" })).toBe(plain(logWeights(pixels, 1.1)));
    expect(of({ classWeights: "median-frequency" })).toBe(plain(weights));
    expect(of({ classWeights: "median-frequency", loss: "cross-entropy+dice" })).toBeCloseTo(
      plain(weights) + dice,
      6,
    );
    expect(plain(weights)).not.toBeCloseTo(plain(), 3);
  });
});

describe("trainStep", () => {
  const batch = {
    images: new Float32Array(3 * 64).fill(0.4),
    shape: [1, 3, 8, 8],
    labels: new Uint8Array(64).map((_, i) => i % 2),
    labelShape: [1, 8, 8] as const,
    ids: ["a"],
  };

  it("adds the penalty on rates above the target, and takes new weights into the average", () => {
    const before = liveTensors();
    const config = configOf({ encoding: "direct" });
    using model = createModel(modelConfigOf(config, { inputChannels: 3, numClasses: 2 }));
    using optimizer = new Sgd(model.parameters(), { lr: 0, momentum: 0, weightDecay: 0 });
    using average = new MovingAverage(model.state(), { decay: 0.9 });
    const [target, weight] = [0.01, 0.5];
    using penalty = new SpikeRatePenalty({ target, weight });
    const encode = () => tensorFrom(batch.images, batch.shape);
    const plain = trainStep(batch, { model, optimizer, encode, device: "cpu" });
    const held = trainStep(batch, { model, optimizer, encode, device: "cpu", penalty, average });
    const terms = held.activity.map(({ neurons, spikes }) => {
      const rate = spikes.reduce((a, b) => a + b) / (neurons * spikes.length);
      return Math.max(0, rate / target - 1) ** 2;
    });
    const expected = (weight * terms.reduce((a, b) => a + b)) / terms.length;
    expect(expected).toBeGreaterThan(0.1);
    expect(held.loss - plain.loss).toBeCloseTo(expected, 4);
    expect(average.updates).toBe(1);
    for (const owner of [penalty, average, optimizer, model]) owner[Symbol.dispose]();
    expect(liveTensors()).toBe(before);
  });
});

describe("a loss per step", () => {
  const labels = new Uint8Array(64).map((_, i) => i % 2);
  const rest = { shape: [1, 3, 8, 8], labels, labelShape: [1, 8, 8] as const, ids: ["a"] };
  const batch = { images: new Float32Array(3 * 64).fill(0.4), ...rest };
  const optimizer = () => new Sgd(new Map(), { lr: 0 });
  const run = (model: SegmentationModel, lossPerStep: number | null) =>
    trainStep(batch, {
      ...{ model, optimizer: optimizer(), device: "cpu", lossPerStep },
      encode: () => tensorFrom(batch.images, batch.shape),
    }).loss;
  const modelOf = (values: Record<string, unknown>) =>
    createModel(modelConfigOf(configOf(values), { inputChannels: 3, numClasses: 2 }), { seed: 1 });

  it("is the mean loss of each timestep's scores in place of that of their sum", () => {
    using model = modelOf({ encoding: "direct" });
    const expected = scope("test", () => {
      const { stepLogits } = model.forward(tensorFrom(batch.images, batch.shape), { eachStep: true });
      const losses = [0, 1].map((t) =>
        crossEntropy(
          reshape(narrow(stepLogits!, 0, t, 1), [1, 2, 8, 8]),
          labelTensor(batch, "cpu"),
          255,
        ).item(),
      );
      return (losses[0]! + losses[1]!) / 2;
    });
    expect(run(model, 0)).toBeCloseTo(expected, 5);
    expect(Math.abs(run(model, null) - expected)).toBeGreaterThan(1e-4);
    expect(Math.abs(run(model, 0.5) - expected)).toBeGreaterThan(1e-2);
    model.dispose();
  });

  it("is refused for a network without timesteps", () => {
    using model = modelOf({ model: "ann" });
    expect(() => run(model, 0)).toThrow(/expected a network that gives scores of each timestep/);
  });
});

describe("an auxiliary head", () => {
  const labels = new Uint8Array(64).map((_, i) => (i === 9 ? 255 : i % 2));
  const rest = { shape: [1, 3, 8, 8], labels, labelShape: [1, 8, 8] as const, ids: ["a"] };
  const batch = { images: Float32Array.from({ length: 192 }, (_, i) => Math.sin(i)), ...rest };
  const encode = () => tensorFrom(batch.images, batch.shape);

  it.each([
    ["an ANN", { model: "ann" }],
    ["a spiking network", { encoding: "direct", threshold: 0.2 }],
    ["integers at T = 1", { encoding: "direct", timesteps: 1, neuron: "integer", norm: "affine" }],
  ])("adds the weighed loss of what a layer reads, and learns from it: %s", (_, values) => {
    const before = liveTensors();
    const model = createModel(modelConfigOf(configOf(values), { inputChannels: 3, numClasses: 2 }), {
      seed: 1,
    });
    const head = new AuxiliaryHead(model.config, { weight: 0.4, seed: 1, device: "cpu" });
    const optimizer = new Sgd(new Map([...model.parameters(), ...head.parameters()]), { lr: 0.1 });
    const step = (auxiliary?: AuxiliaryHead, lr = 0) => {
      optimizer.lr = lr;
      return trainStep(batch, { model, optimizer, encode, device: "cpu", auxiliary }).loss;
    };
    const expected = scope("by hand", () => {
      const [weight, bias] = head.parameters().values();
      let loss = Number.NaN;
      const input = (layer: string, x: Tensor) => {
        if (layer !== "features.5") return;
        const steps = x.shape.length === 5 ? x.shape[0]! : 1;
        const mean = mul(sum(reshape(x, [steps, 1, 256, 2, 2]), [0]), 1 / steps);
        const scores = resizeBilinear(conv2d(mean, weight!, { bias: bias! }), [8, 8]);
        loss = crossEntropy(scores, labelTensor(batch, "cpu"), 255).item();
      };
      model.forward(encode(), { observer: { input } });
      return loss;
    });
    expect(expected).toBeGreaterThan(0.1);
    expect(step(head) - step()).toBeCloseTo(0.4 * expected, 4);
    const first = (weight: Tensor) => weight.toFloat32Array()[0];
    const own = first(head.parameters().get("auxiliary.weight")!);
    step(head, 0.1);
    expect(first(head.parameters().get("auxiliary.weight")!)).not.toBe(own);
    // Its gradient reaches the layers before it: without it they move elsewhere.
    const start = readState(model);
    const movedBy = (auxiliary?: AuxiliaryHead) => {
      loadState(model, start);
      step(auxiliary, 0.1);
      return model.state().get("features.4.weight")!.toFloat32Array();
    };
    expect(movedBy(head)).not.toEqual(movedBy());
    for (const owner of [head, optimizer, model]) owner[Symbol.dispose]();
    expect(liveTensors()).toBe(before);
  });
});

describe("checkpoints to go on from", async () => {
  const folder = await mkdtemp(join(tmpdir(), "snnseg-average-"));
  afterAll(() => rm(folder, { recursive: true }));

  it("hold averages and an auxiliary head, and give them back", async () => {
    const config = configOf({ average: 0.99, auxiliaryWeight: 0.4 });
    const modelConfig = modelConfigOf(config, { inputChannels: 3, numClasses: 2 });
    const experiment = (seed: number) => {
      const model = createModel(modelConfig, { seed });
      const average = new MovingAverage(model.state(), { decay: 0.99 });
      const optimizer = new Sgd(model.parameters(), { lr: 1, momentum: 0.9, weightDecay: 0 });
      const trainLoader = { dataset: { classes: ["a", "b"] } };
      const auxiliary = new AuxiliaryHead(modelConfig, { weight: 0.4, seed, device: "cpu" });
      return {
        config,
        modelConfig,
        model,
        average,
        auxiliary,
        optimizer,
        trainLoader,
      } as unknown as Experiment;
    };
    const [saved, restored] = [experiment(1), experiment(2)];
    saved.average!.update();
    saved.average!.swap();
    saved.optimizer.steps = 3;
    const path = join(folder, "last.safetensors");
    const trainCounts = { pixels: [1, 2], imagePixels: [4, 3] };
    await saveTraining(path, saved, { trainCounts, progress: freshProgress() });
    expect((await restoreTraining(path, restored)).trainCounts).toEqual(trainCounts);
    const first = ({ average }: Experiment) =>
      [...average!.averages().get("features.0.weight")!.toFloat32Array()].slice(0, 9);
    expect(first(restored)).toEqual(first(saved));
    expect(restored.average!.updates).toBe(3);
    expect(restored.optimizer.state().size).toBe(0);
    const [head, other] = [saved, restored].map(({ auxiliary }) => readState(auxiliary!));
    expect(head!.get("auxiliary.weight")!.data.length).toBe(512);
    expect(other).toEqual(head);
    const headless = { ...saved, auxiliary: undefined };
    await saveTraining(path, headless, { trainCounts, progress: freshProgress() });
    await expect(restoreTraining(path, restored)).rejects.toThrow(
      /expected auxiliary.weight of the auxiliary head/,
    );
    for (const { model, average, auxiliary, optimizer } of [saved, restored]) {
      for (const owner of [model, average!, auxiliary!, optimizer]) owner[Symbol.dispose]();
    }
  });
});

describe("isPatienceOver", () => {
  const at = (best: number, latest: number, patience: number | null) =>
    isPatienceOver({ best: { epoch: best }, latest: { epoch: latest } }, { patience, evalEvery: 2 });

  it("waits for that many evaluations without anything better", () => {
    expect([at(4, 4, 1), at(4, 6, 1), at(4, 6, 2), at(4, 8, 2)]).toEqual([false, true, false, true]);
    expect(at(2, 40, null)).toBe(false);
    expect(isPatienceOver({ best: null, latest: null }, { patience: 1, evalEvery: 1 })).toBe(false);
  });
});
