import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { flagLayer, resolveConfig } from "../config/index.js";
import type { Batch, Loader } from "../datasets/index.js";
import { crossEntropy, liveTensors, mul, scope, type Tensor } from "../engine/index.js";
import { sha256 } from "../files/index.js";
import { createModel, type SegmentationModel } from "../models/index.js";
import { Adam } from "../nn/index.js";
import { encodeInput } from "./encode-input.js";
import { evaluate } from "./evaluate.js";
import { modelConfigOf } from "./network-from-config.js";
import { trainStep } from "./train-step.js";

const [height, width] = [8, 8];
const steps = 25;
/** A network that only knows the classes' shares has a loss near ln 2 = 0.69 on two halves. */
const learntLoss = 0.2;

/** Two images whose left part is dark (class 0) and whose right part is bright (class 1); the last row is void. */
function halves(count: number, frames = 0): Batch {
  const times = Math.max(1, frames);
  const pixels = height * width;
  const bright = (n: number, p: number) => p % width >= 3 + n;
  const images = Float32Array.from({ length: count * times * 3 * pixels }, (_, i) =>
    bright(Math.floor(i / (times * 3 * pixels)), i % pixels) ? 0.5 : -0.4,
  );
  const labels = Uint8Array.from({ length: count * pixels }, (_, i) =>
    i % pixels >= pixels - width ? 255 : Number(bright(Math.floor(i / pixels), i % pixels)),
  );
  const shape = [count, ...(frames === 0 ? [] : [frames]), 3, height, width];
  return {
    images,
    shape,
    labels,
    labelShape: [count, height, width],
    ids: Array.from({ length: count }, (_, n) => `${n}`),
  };
}

function loaderOf(batches: readonly Batch[]): Loader {
  const dataset = { name: "test", split: "val", classes: ["dark", "bright"] } as unknown as Loader["dataset"];
  return {
    dataset,
    batchSize: 2,
    batchCount: batches.length,
    async *batches() {
      yield* batches;
    },
    waitingShare: () => 0,
    close: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

const configOf = (values: Record<string, unknown>) =>
  resolveConfig([flagLayer({ dataset: "digits", imgSize: 8, optimizer: "adam", lr: 3e-3, ...values })])
    .config;

let liveBefore = 0;
beforeEach(() => {
  liveBefore = liveTensors();
});
afterEach(() => {
  expect(liveTensors()).toBe(liveBefore);
});

describe("encodeInput", () => {
  const batch = halves(2);

  it("feeds images as they are to an ANN and for direct coding", () => {
    for (const values of [{ model: "ann" }, { encoding: "direct" }]) {
      scope("test", () => {
        const input = encodeInput(batch, configOf(values), () => 0);
        expect(input.shape).toEqual(batch.shape);
        expect(input.toFloat32Array()).toEqual(batch.images);
      });
    }
  });

  it("draws Poisson spikes at the input's magnitude and sign", () => {
    const timesteps = 400;
    const config = configOf({ timesteps });
    const mean = scope("test", () => {
      const spikes = encodeInput(batch, config, (n) => n).toFloat32Array();
      expect(new Set(spikes)).toEqual(new Set([-1, 0, 1]));
      const sums = new Float64Array(batch.images.length);
      for (const [i, spike] of spikes.entries()) sums[i % sums.length]! += spike / timesteps;
      return sums;
    });
    // Five standard errors of a share near one half.
    const bound = (5 * 0.5) / Math.sqrt(timesteps);
    for (const [i, value] of batch.images.entries()) expect(Math.abs(mean[i]! - value)).toBeLessThan(bound);
  });

  it("draws an example's spikes from its own seed, whatever else is in the batch", () => {
    scope("test", () => {
      const config = configOf({ timesteps: 3 });
      const both = encodeInput(batch, config, (n) => 10 + n).toFloat32Array();
      const pixels = 3 * height * width;
      const second = { ...halves(1), images: batch.images.slice(pixels) };
      const alone = encodeInput(second, config, () => 11).toFloat32Array();
      for (const t of [0, 1, 2]) {
        const from = (2 * t + 1) * pixels;
        expect(both.slice(from, from + pixels)).toEqual(alone.slice(t * pixels, (t + 1) * pixels));
      }
    });
  });

  it("puts a sequence's time first", () => {
    scope("test", () => {
      const numbered = {
        ...halves(2, 4),
        images: Float32Array.from({ length: 2 * 4 * 3 * height * width }, (_, i) => i),
      };
      const input = encodeInput(numbered, { ...configOf({ timesteps: 4 }), encoding: "sequence" }, () => 0);
      expect(input.shape).toEqual([4, 2, 3, height, width]);
      const frame = 3 * height * width;
      const starts = input.toFloat32Array().filter((_, i) => i % frame === 0);
      const expected = [0, 1, 2, 3].flatMap((t) => [0, 1].map((n) => (4 * n + t) * frame));
      expect([...starts]).toEqual(expected);
    });
  });
});

describe.each(["snn", "ann"] as const)("learning with a %s", (kind) => {
  const config = configOf(kind === "snn" ? { timesteps: 3, encoding: "direct" } : { model: kind });
  const batch = halves(2);
  let model: SegmentationModel;
  beforeEach(() => {
    model = createModel(modelConfigOf(config, { inputChannels: 3, numClasses: 2 }), { seed: 1 });
  });

  it("overfits two images, and the evaluation sees it", async () => {
    using optimizer = new Adam(model.parameters(), { lr: config.lr });
    const encode = () => encodeInput(batch, config, (n) => n);
    let loss = Number.POSITIVE_INFINITY;
    for (let i = 0; i < steps; i++) loss = trainStep(batch, { model, optimizer, encode, device: "cpu" }).loss;
    expect(loss).toBeLessThan(learntLoss);

    // Running statistics need a while to follow, so the scores of eval mode are asked for after that.
    for (let i = 0; i < steps; i++) trainStep(batch, { model, optimizer, encode, device: "cpu" });
    const options = { input: config, seed: 0, trainPixels: [60, 40] };
    const evaluation = await evaluate(model, loaderOf([batch]), options);
    expect(evaluation.scores.meanIoU).toBeGreaterThan(0.9);
    expect(evaluation.baseline.meanIoU).toBeLessThan(0.4);
    expect(evaluation.matrix.truePixels().reduce((a, b) => a + b)).toBe(2 * (height - 1) * width);
    expect(model.training).toBe(true);
    model.dispose();
  });

  it("learns nothing from a batch of void pixels, and changes nothing when the loss is not finite", () => {
    using optimizer = new Adam(model.parameters(), { lr: config.lr });
    const weights = () =>
      [...model.parameters().values()].map((tensor) =>
        sha256(new Uint8Array(tensor.toFloat32Array().buffer)),
      );
    const before = weights();
    const encode = () => encodeInput(batch, config, (n) => n);
    const allVoid = { ...batch, labels: batch.labels.map(() => 255) };
    expect(trainStep(allVoid, { model, optimizer, encode, device: "cpu" })).toEqual({
      loss: 0,
      activity: [],
      learnt: false,
    });
    expect(weights()).toEqual(before);
    for (const factor of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const lossOf = (logits: Tensor, labels: Tensor) => mul(crossEntropy(logits, labels, 255), factor);
      expect(trainStep(batch, { model, optimizer, encode, device: "cpu", lossOf }).loss).toBe(factor);
      expect(weights()).toEqual(before);
    }
    trainStep(batch, { model, optimizer, encode, device: "cpu" });
    expect(weights()).not.toEqual(before);
    model.dispose();
  });
});
