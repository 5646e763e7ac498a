/**
 * How often a training step waits for the GPU, as the stand-in of scripts/test-device counts it: readings, and copies from memory that is
 * not pinned. What grows with the layers or timesteps keeps a GPU idle.
 */
import { describe, expect, it } from "vitest";
import type { Batch } from "../src/datasets/index.js";
import {
  copyInto,
  expand,
  full,
  invoke,
  mul,
  narrow,
  noGrad,
  operatorNames,
  permute,
  randn,
  scope,
  sum,
  toDevice,
  zeros,
} from "../src/engine/index.js";
import { createModel, type SnnConfig } from "../src/models/index.js";
import { AdamW, type Precision } from "../src/nn/index.js";
import { encodeInput, trainStep } from "../src/training/index.js";
import { testDevice } from "./test-device.js";

const counts = operatorNames("stand_in").length > 0;
const integers = {
  neuron: "integer",
  levels: 4,
  norm: "affine",
  learnsThreshold: true,
  timesteps: 1,
} as const;
const waits = () => invoke("stand_in::waits", []) as number;

/** Of one step, after one that made the optimizer's state. */
function waitsOfStep(
  encoding: "poisson" | "direct" | "sequence",
  {
    precision = "fp32",
    ...config
  }: Partial<SnnConfig> & Pick<SnnConfig, "arch"> & { readonly precision?: Precision },
  clipGradient: number | null = null,
): number {
  const timesteps = config.timesteps ?? 2;
  const model = createModel(
    { kind: "snn", inputChannels: 3, numClasses: 4, ...config, timesteps },
    { device: testDevice, precision },
  );
  const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
  const shape = encoding === "sequence" ? [2, timesteps, 3, 32, 32] : [2, 3, 32, 32];
  const batch: Batch = {
    images: scope("images", () => randn(shape, 1).toFloat32Array()) as Batch["images"],
    shape,
    labels: new Uint8Array(2 * 32 * 32).map((_, i) => i % 4),
    labelShape: [2, 32, 32],
    ids: ["a", "b"],
  };
  const input = { model: "snn", encoding, timesteps, device: testDevice } as const;
  const encode = () => encodeInput(batch, input, (n) => n);
  const step = () => trainStep(batch, { model, optimizer, encode, device: testDevice, clipGradient });
  step();
  const before = waits();
  step();
  const during = waits() - before;
  for (const owner of [optimizer, model]) owner[Symbol.dispose]();
  return during;
}

describe.skipIf(!counts)("a step on a GPU", () => {
  it.each([
    ["LIF with BNTT", {}],
    ["LIF on bits", { precision: "bf16" }],
    ["LIF on the plain path", { learnsThreshold: true }],
    ["leaks that are learnt", { neuron: "plif", norm: "tebn" }],
    ["leaks and thresholds that are learnt", { neuron: "plif", learnsThreshold: true, norm: "tebn" }],
    ["integers", { neuron: "integer", levels: 4, norm: "affine" }],
    [
      "integers with thresholds that are learnt",
      { neuron: "i-lif", levels: 4, learnsThreshold: true, norm: "affine" },
    ],
  ] as const)("waits as often whatever it has of layers and timesteps: %s", (_, config) => {
    const small = waitsOfStep("poisson", { arch: "dl-vgg9", ...config });
    expect(small).toBe(2);
    expect(waitsOfStep("direct", { arch: "dl-vgg16", ...config })).toBe(small);
    expect(waitsOfStep("poisson", { arch: "dl-vgg9", ...config, timesteps: 3 })).toBe(small);
    expect(waitsOfStep("sequence", { arch: "dl-vgg9", ...config })).toBe(small);
    expect(waitsOfStep("direct", { arch: "dl-vgg9", ...config }, 1)).toBe(small + 1);
  });

  it.each([
    ["threshold", { learnsThreshold: true }, "threshold", -0.5, /layer features.2: expected each threshold/],
    [
      "threshold of integers",
      integers,
      "threshold",
      0,
      /layer features.2: expected each threshold .* above 0/,
    ],
    ["leak", { neuron: "plif", learnsThreshold: true }, "w", 60, /layer features.2: expected leak/],
  ] as const)("refuses a %s that training has moved out of its range", (_, config, name, value, message) => {
    const settings = { arch: "dl-vgg9", inputChannels: 3, numClasses: 4, timesteps: 2, ...config } as const;
    const model = createModel({ kind: "snn", ...settings }, { device: testDevice });
    scope("forward", () => {
      const number = model.state().get(`lif_features.2.${name}`)!;
      noGrad(() => copyInto(number, full(number.shape, value)));
      const images = full([1, 3, 16, 16], 1, { device: testDevice });
      expect(() => model.forward(images)).toThrow(message);
    });
    model.dispose();
  });

  it("does not wait for what is sent, but for what is read", () => {
    scope("copies", () => {
      const before = waits();
      const there = toDevice(full([3, 5], 7), testDevice);
      expect(waits()).toBe(before);
      expect(there.toNumbers()).toEqual(Array.from({ length: 15 }, () => 7));
      expect(waits()).toBe(before + 1);
    });
  });

  it("sends whatever lies otherwise in memory, or has none", () => {
    scope("copies", () => {
      const x = randn([2, 3, 4], 1);
      const before = waits();
      const sent = [expand(x, [5, 2, 3, 4]), permute(x, [2, 0, 1]), narrow(x, 1, 1, 1), zeros([0, 3])].map(
        (part) => [part, toDevice(part, testDevice)] as const,
      );
      expect(waits()).toBe(before);
      for (const [here, there] of sent) {
        expect(there.shape).toEqual(here.shape);
        expect(there.toNumbers()).toEqual(here.toNumbers());
      }
    });
  });

  it("sends a leaf with its gradient's way back", () => {
    scope("gradient", () => {
      const x = full([3], 2).setRequiresGrad(true);
      sum(mul(toDevice(x, testDevice), 5)).backward();
      expect(x.grad!.toNumbers()).toEqual([5, 5, 5]);
    });
  });
});
