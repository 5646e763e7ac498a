import { describe, expect, it } from "vitest";
import {
  crossEntropy,
  liveTensors,
  narrow,
  noGrad,
  rand,
  randn,
  scope,
  stack,
  tensorFrom,
} from "../engine/index.js";
import { OptionError, ShapeError } from "../errors.js";
import { loadState, readState } from "../nn/index.js";
import {
  type AnnConfig,
  architectureNames,
  createBlankModel,
  createModel,
  modelDefaults,
  type SnnConfig,
  SnnModel,
  SpikingState,
} from "./index.js";

const config = (kind: "ann" | "snn", arch: (typeof architectureNames)[number], more: object = {}) =>
  ({ ...modelDefaults, kind, arch, inputChannels: 3, numClasses: 5, timesteps: 2, ...more }) as
    | AnnConfig
    | SnnConfig;

/** Single steps through time against all steps at once: sums are added in another order. */
const STREAM_TOLERANCE = 1e-5;

describe.each(architectureNames)("%s", (arch) => {
  describe.each(["ann", "snn"] as const)("as %s", (kind) => {
    it.each([
      [64, 64],
      [50, 77],
    ])("trains one step and evaluates at %ix%i", (height, width) => {
      const before = liveTensors();
      {
        using model = createModel(config(kind, arch), { seed: 3 });
        scope("step", () => {
          const input = randn([1, 3, height, width], 4);
          const { logits, activity } = model.forward(input);
          expect(logits.shape).toEqual([1, 5, height, width]);
          const labels = tensorFrom(new BigInt64Array(height * width).fill(2n), [1, height, width]);
          crossEntropy(logits, labels, 255).backward();
          for (const [name, parameter] of model.parameters()) {
            const gradient = parameter.grad?.toFloat32Array();
            expect(
              gradient?.some((value) => value !== 0),
              name,
            ).toBe(true);
            expect(gradient?.every(Number.isFinite), name).toBe(true);
          }
          expect(activity.length > 0).toBe(kind === "snn");
          model.setTraining(false);
          noGrad(() => {
            expect(model.forward(input).logits.toFloat32Array().every(Number.isFinite)).toBe(true);
          });
        });
      }
      expect(liveTensors()).toBe(before);
    });
  });
});

describe("SNN", () => {
  it.each(["dl-vgg9", "fcn-vgg9"] as const)("%s gives the same scores step by step as at once", (arch) => {
    using model = createModel(config("snn", arch, { timesteps: 4 }));
    if (!(model instanceof SnnModel)) throw new Error("expected an SNN");
    scope("stream", () => {
      const frames = randn([4, 2, 3, 24, 20], 5);
      model.forward(frames);
      model.setTraining(false);
      noGrad(() => {
        const whole = model.forward(frames).logits.toFloat32Array();
        using state = new SpikingState();
        for (let t = 0; t < 4; t++) {
          scope("timestep", () => {
            model.advance(narrow(frames, 0, t, 1), state);
          });
        }
        const stepped = model.readOut(state, [24, 20]).toFloat32Array();
        const scale = whole.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
        for (const [i, value] of whole.entries()) {
          expect(Math.abs(stepped[i]! - value)).toBeLessThanOrEqual(STREAM_TOLERANCE * scale);
        }
      });
    });
  });

  it("feeds a still image like T equal frames", () => {
    using model = createModel(config("snn", "dl-vgg9", { timesteps: 3 }));
    model.setTraining(false);
    scope("direct", () => {
      noGrad(() => {
        const image = rand([1, 3, 16, 16], 6);
        const direct = model.forward(image);
        const repeated = model.forward(stack([image, image, image]));
        expect(direct.activity.map((layer) => layer.spikes)).toEqual(
          repeated.activity.map((layer) => layer.spikes),
        );
      });
    });
  });

  it("runs one more step per convolution with full propagation", () => {
    using model = createModel(config("snn", "dl-vgg9", { timesteps: 3, fullPropagation: true }));
    scope("full propagation", () => {
      const { activity } = model.forward(randn([3, 1, 3, 16, 16], 7));
      expect(activity.map(({ spikes }) => spikes.length)).toEqual(Array(activity.length).fill(3 + 9));
      expect(activity).not.toEqual([]);
    });
  });

  it("equals itself with the plain twin of its neurons", () => {
    using model = createModel(config("snn", "fcn-vgg9"));
    scope("plain", () => {
      noGrad(() => {
        const frames = randn([2, 1, 3, 16, 24], 8);
        const fused = model.forward(frames);
        const plain = model.forward(frames, { plain: true });
        expect(fused.activity.map((layer) => layer.spikes)).toEqual(
          plain.activity.map((layer) => layer.spikes),
        );
      });
    });
  });
});

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer, byteOffset, byteLength);

describe("createBlankModel", () => {
  it.each([
    config("ann", "dl-vgg9", { activationLevels: 4, convBias: true }),
    config("ann", "dwnet", { activationLevels: 4 }),
    config("snn", "fcn-vgg9"),
    config("snn", "unet"),
    config("snn", "dwnet"),
  ])("gives what loading the state of a network makes equal to it", (of) => {
    using model = createModel(of, { seed: 2 });
    using blank = createBlankModel(of);
    expect(bytesOf(readState(blank).get("features.1.weight")!.data).every((byte) => byte === 0)).toBe(true);
    const state = readState(model);
    loadState(blank, state);
    for (const [name, { data }] of readState(blank)) {
      expect(Buffer.compare(bytesOf(data), bytesOf(state.get(name)!.data)), name).toBe(0);
    }
  });
});

describe("createModel", () => {
  it("gives the same weights for the same seed only", () => {
    const weights = (seed: number) => {
      using model = createModel(config("ann", "dl-vgg9"), { seed });
      return readState(model).get("features.0.weight")!.data;
    };
    expect(weights(1)).toEqual(weights(1));
    expect(weights(1)).not.toEqual(weights(2));
  });

  it("has the parameters that the paper's networks have", () => {
    const count = (kind: "ann" | "snn", arch: "dl-vgg9" | "fcn-vgg9") => {
      using model = createModel(config(kind, arch, { numClasses: 21, timesteps: 20 }));
      return [...model.parameters().values()].reduce((sum, parameter) => sum + parameter.numel, 0);
    };
    // Convolutions alone 4.12 and 13.57 million; batch norm through time adds 44 and 64 thousand at T = 20.
    expect(count("ann", "dl-vgg9")).toBe(4_115_136);
    expect(count("snn", "dl-vgg9") - count("ann", "dl-vgg9")).toBe(20 * (2 * 64 + 2 * 128 + 3 * 256 + 1024));
    expect(count("snn", "fcn-vgg9") / 1e6).toBeCloseTo(13.63, 1);
  });

  it("refuses what no network can be", () => {
    expect(() => createModel(config("snn", "dl-vgg9", { kernelSize: 4 }))).toThrow(OptionError);
    expect(() => createModel(config("snn", "dl-vgg9", { leak: 0 }))).toThrow(/leak/);
    expect(() => createModel(config("snn", "dl-vgg7" as never))).toThrow(/dl-vgg9/);
    using model = createModel(config("ann", "dl-vgg9"));
    scope("wrong input", () => {
      expect(() => model.forward(rand([1, 4, 8, 8], 1))).toThrow(ShapeError);
    });
  });
});
