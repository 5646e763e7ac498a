/** Networks on integer kernels against their own forward in float32, with weights as they are and as they were rounded. */
import { describe, expect, it } from "vitest";
import {
  abs,
  amax,
  argmax,
  call,
  copyInto,
  div,
  eq,
  full,
  liveTensors,
  mean,
  mul,
  narrow,
  noGrad,
  rand,
  randn,
  reshape,
  scope,
  sub,
  type Tensor,
  toDType,
} from "../engine/index.js";
import { OptionError, ShapeError } from "../errors.js";
import { type ArchitectureStage, copyModel, createModel, type SegmentationModel } from "../models/index.js";
import { fuseIntegers, integersObstacle } from "./index.js";

const image = { inputChannels: 3, numClasses: 5 } as const;
const snn = {
  kind: "snn",
  ...image,
  timesteps: 1,
  neuron: "integer",
  norm: "affine",
  threshold: 0.4,
} as const;
const ann = { kind: "ann", ...image, activationLevels: 4 } as const;

const share = (x: Tensor) => mean(toDType(x, "float32")).item();
const sameMask = (a: Tensor, b: Tensor) => share(eq(argmax(a, 1), argmax(b, 1)));
const largest = (x: Tensor) => amax(abs(x)).item();

/** With batch norm's statistics of some pictures, and every number of its own. */
function settled<M extends SegmentationModel>(model: M): M {
  scope("settle", () =>
    noGrad(() => {
      for (let step = 0; step < 4; step++) model.forward(randn([2, 3, 20, 28], step));
      for (const [name, tensor] of model.state()) {
        if (/bn_.*(weight|bias)$/.test(name)) {
          copyInto(tensor, mul(sub(rand(tensor.shape, 5), name.endsWith("bias") ? 0.3 : -0.5), 0.8));
        }
        if (name.endsWith("bound")) copyInto(tensor, full([1], 2.5));
      }
    }),
  );
  model.setTraining(false);
  return model;
}

/** The same network with weights as integers hold them, but for the image's convolution. */
function rounded<M extends SegmentationModel>(model: M): M {
  const copy = copyModel(model) as M;
  copy.setTraining(false);
  scope("round", () =>
    noGrad(() => {
      for (const [name, weight] of copy.state()) {
        if (!name.endsWith(".weight") || weight.shape.length !== 4 || name === "features.0.weight") continue;
        const step = div(
          reshape(amax(abs(reshape(weight, [weight.shape[0]!, -1])), [1]), [-1, 1, 1, 1]),
          127,
        );
        copyInto(weight, mul(call("aten::round", [div(weight, step)]), step));
      }
    }),
  );
  return copy;
}

type Config = Parameters<typeof createModel>[0];

describe.each<[string, Config]>([
  ["an ANN with levels, dl-vgg9", { ...ann, arch: "dl-vgg9" }],
  ["an ANN with affine batch norm, dwnet", { ...ann, arch: "dwnet", norm: "affine" }],
  ["an ANN without batch norm, dl-vgg9", { ...ann, arch: "dl-vgg9", batchNorm: false, convBias: true }],
  ["integers times thresholds, dl-vgg9", { ...snn, arch: "dl-vgg9" }],
  ["integers times thresholds, dwnet", { ...snn, arch: "dwnet" }],
  ["integers times thresholds, unet", { ...snn, arch: "unet" }],
  [
    "integers themselves, batch norm through time, dl-vgg9",
    { ...snn, arch: "dl-vgg9", neuron: "i-lif", norm: "bntt" },
  ],
  [
    "integers to 8 as shares, tdbn, dwnet",
    { ...snn, arch: "dwnet", neuron: "ni-lif", levels: 8, norm: "tdbn" },
  ],
])("%s", (_, config) => {
  it("gives the masks and scores of the network with its weights rounded", () => {
    const before = liveTensors();
    scope("test", () => {
      using model = settled(createModel(config));
      using coarse = rounded(model);
      using fused = fuseIntegers(model);
      noGrad(() => {
        const images = 8;
        const x = randn([images, 3, 13, 15], 9);
        const { logits } = fused.forward(x);
        const expected = coarse.forward(x).logits;
        expect(logits.shape).toEqual(expected.shape);
        // A neuron whose ratio lies on a half may round the other way, and a network that was not trained makes much of it.
        const error = Array.from({ length: images }, (_, i) => {
          const [ours, theirs] = [logits, expected].map((each) => narrow(each, 0, i, 1));
          return sameMask(ours!, theirs!) < 1 ? 1 : largest(sub(ours!, theirs!)) / largest(theirs!);
        });
        expect(error.toSorted((a, b) => a - b)[images - 3]).toBeLessThan(2e-6);
      });
    });
    expect(liveTensors()).toBe(before);
  });
});

describe("what does not run on integers is refused", () => {
  it.each<[string, Config]>([
    ["its ReLUs have no levels", { ...ann, arch: "dl-vgg9", activationLevels: 0 }],
    ["its neurons, LIF, send no integers", { ...snn, arch: "dl-vgg9", neuron: "lif" }],
    ["it runs 2 timesteps", { ...snn, arch: "dl-vgg9", timesteps: 2 }],
    ["its scores come from several sizes", { ...snn, arch: "fcn-vgg9" }],
    ["its membranes do not start from 0", { ...snn, arch: "dl-vgg9", initialMembrane: 0.5 }],
  ])("%s", (text, config) => {
    const before = liveTensors();
    using model = createModel(config);
    expect(integersObstacle(model)).toContain(text);
    expect(() => fuseIntegers(model)).toThrow(OptionError);
    expect(() => fuseIntegers(model)).toThrow(text);
    model.dispose();
    expect(liveTensors()).toBe(before);
  });

  it.each([
    [20, "features.pool2 sums 9 integers up to 20; the kernels take sums of 127"],
    [14, undefined],
  ])("pooled integers up to %i", (activationLevels, text) => {
    using model = createModel({ ...ann, arch: "dl-vgg9", activationLevels });
    const before = liveTensors();
    expect(integersObstacle(model)).toBe(text);
    if (text === undefined) fuseIntegers(model).dispose();
    else expect(() => fuseIntegers(model)).toThrow(text);
    expect(liveTensors()).toBe(before);
  });

  const conv = (channels: number, fires = true) => ({ kind: "conv", channels, fires }) as const;
  const kept = { kind: "keep", name: "kept" } as const;
  it.each<[string, readonly ArchitectureStage[]]>([
    [
      "joins integers and integers by sum",
      [conv(4), kept, conv(4), { kind: "join", name: "kept", by: "sum" }],
    ],
    ["pools real-valued maps", [conv(4, false), { kind: "pool", stride: 2 }, { kind: "fire" }]],
    ["fires after an activation", [conv(4), { kind: "fire" }]],
  ])("a network that %s", (text, features) => {
    const arch = { name: "other", decoder: "output", features, classifier: [] } as const;
    using model = createModel({ ...ann, arch });
    expect(integersObstacle(model)).toContain(text);
    expect(() => fuseIntegers(model)).toThrow(text);
  });

  it("images of other channels", () => {
    scope("test", () => {
      using model = createModel({ ...ann, arch: "dl-vgg9" });
      using fused = fuseIntegers(model);
      expect(() => fused.forward(rand([1, 2, 8, 8], 1))).toThrow(ShapeError);
      expect(() => fused.forward(rand([2, 1, 3, 8, 8], 1))).toThrow(
        "or one frame of each, received [2,1,3,8,8]",
      );
      expect(fused.forward(rand([1, 1, 3, 8, 8], 1)).logits.shape).toEqual([1, 5, 8, 8]);
    });
  });
});
