/** Numbers and names that no layer, optimizer or schedule can work with are refused before anything is made or moved. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { liveTensors, ones, scope } from "../engine/index.js";
import { OptionError } from "../errors.js";
import {
  Adam,
  AdamW,
  BatchNorm2d,
  Conv2d,
  type ConvSettings,
  focalLoss,
  initialWeights,
  MovingAverage,
  medianFrequencyWeights,
  ohemCrossEntropy,
  QuantizedRelu,
  Sgd,
  scheduledLearningRate,
  stepLearningRate,
  Upsampler,
} from "./index.js";

const noNumbers = [Number.NaN, Number.POSITIVE_INFINITY, -1, "1" as never];
const noSizes = [...noNumbers, 0, 0.5];

let before = 0;
beforeEach(() => {
  before = liveTensors();
});
afterEach(() => {
  expect(liveTensors()).toBe(before);
});

const refuses = (body: () => unknown, message?: string | RegExp) => {
  expect(body).toThrow(OptionError);
  if (message !== undefined) expect(body).toThrow(message);
};

describe("optimizers", () => {
  it.each(noNumbers)("refuse %s for each of their numbers", (bad) => {
    refuses(() => new Adam(new Map(), { lr: bad }), /^Adam: expected lr to be a finite number of 0 or more/);
    refuses(() => new Adam(new Map(), { lr: 1, weightDecay: bad }), "weightDecay");
    refuses(() => new AdamW(new Map(), { lr: 1, weightDecay: bad }), "weightDecay");
    refuses(() => new Sgd(new Map(), { lr: bad }), /^Sgd: expected lr/);
    refuses(() => new Sgd(new Map(), { lr: 1, momentum: bad }), "momentum to be a finite number in [0, 1)");
    refuses(() => new Sgd(new Map(), { lr: 1, weightDecay: bad }), "weightDecay");
    using optimizer = new Adam(new Map(), { lr: 1 });
    refuses(() => {
      optimizer.lr = bad;
    }, "lr");
    expect(optimizer.lr).toBe(1);
    refuses(() => optimizer.clipGradients(bad), "norm");
    refuses(() => optimizer.loadState(new Map(), bad), "steps");
  });

  it("refuse options that they do not have, and say which was meant", () => {
    refuses(() => new Adam(new Map(), { lr: 1, weigthDecay: 1 } as never), "did you mean weightDecay?");
    refuses(() => new Adam(new Map(), { lr: 1, momentum: 0.9 } as never), "received momentum");
    refuses(() => new Sgd(new Map(), { lr: 1, momentum: 1 }), "momentum");
  });
});

describe("learning rates", () => {
  const plan = { schedule: "poly", lr: 1, epochs: 4, milestones: [0.5], warmup: 0 } as const;

  it.each(noNumbers)("refuse %s for each of their numbers", (bad) => {
    refuses(() => scheduledLearningRate(bad, plan), "epoch");
    for (const name of ["lr", "epochs", "warmup"]) {
      refuses(() => scheduledLearningRate(0, { ...plan, [name]: bad }), name);
    }
    refuses(() => scheduledLearningRate(0, { ...plan, schedule: "step", milestones: [bad] }), "milestone");
    refuses(() => stepLearningRate(bad, plan), "epoch");
  });

  it("refuse unknown schedules, and epochs behind the last, where poly has no value", () => {
    refuses(() => scheduledLearningRate(0, { ...plan, schedule: "cosin" as never }), "did you mean cosine?");
    refuses(() => scheduledLearningRate(5, plan), "epoch to be an integer from 0 to 4");
    expect(scheduledLearningRate(4, plan)).toBe(0);
  });
});

describe("layers", () => {
  const settings = { inputs: 1, outputs: 1, kernelSize: 3, init: "xavier", seed: 1, device: "cpu" } as const;

  it.each(noSizes)("refuse %s for each of their sizes", (bad) => {
    for (const name of ["inputs", "outputs", "kernelSize", "dilation"]) {
      refuses(() => new Conv2d({ ...settings, [name]: bad }), `Conv2d: expected ${name} to be an integer`);
    }
    refuses(() => new Upsampler({ channels: bad, init: "xavier", seed: 1, device: "cpu" }), "channels");
    refuses(() => new BatchNorm2d(bad, "cpu"), "channels");
    refuses(() => new QuantizedRelu({ levels: bad, device: "cpu" }), "levels");
  });

  it.each<[Partial<Record<keyof ConvSettings, unknown>>, string]>([
    [{ kernelSize: 2 }, "Conv2d: expected kernelSize to be odd, received 2"],
    [{ dilation: 2 ** 31 }, "dilation"],
    [{ init: "foo" }, "init to be one of xavier, kaiming, glorot"],
    [{ precision: "fast" }, "precision to be one of fp32, bf16"],
    [{ seed: Number.NaN }, "seed"],
    [{ device: "cude" }, "device"],
    [{ dilaton: 2 } as object, "did you mean dilation?"],
  ])("refuse the convolution %j and leave nothing", (change, message) => {
    refuses(() => new Conv2d({ ...settings, bias: true, ...change } as ConvSettings), message);
  });

  it("refuse names and seeds of initial weights that are none", () => {
    refuses(() => initialWeights([1, 1, 1, 1], "he" as never, 1), "init");
    refuses(() => initialWeights([1, 1, 1, 1], "kaiming", 0.9), "seed");
  });
});

describe("what training uses beside", () => {
  it.each(noNumbers)("refuses %s for each of its numbers", (bad) => {
    scope("test", () => {
      const tensors = new Map([["w", ones([1])]]);
      refuses(() => new MovingAverage(tensors, { decay: bad }), "decay");
      using average = new MovingAverage(tensors, { decay: 1 });
      refuses(() => average.load(tensors, bad), "updates");
      const [logits, labels] = [ones([1, 2, 1, 1]), ones([1, 1, 1], { dtype: "int64" })];
      const ohem = { ignoreIndex: 255, threshold: 0.7, share: 0.1 };
      refuses(() => ohemCrossEntropy(logits, labels, { ...ohem, threshold: bad }), "threshold");
      refuses(() => ohemCrossEntropy(logits, labels, { ...ohem, share: bad }), "share");
      refuses(() => focalLoss(logits, labels, { ignoreIndex: 255, gamma: bad }), "gamma");
      refuses(() => medianFrequencyWeights([1, bad], [2, 2]), "count of pixels");
    });
  });
});
