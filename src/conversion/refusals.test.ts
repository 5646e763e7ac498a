/** Options that no conversion can have are refused before anything is computed. */
import { describe, expect, it } from "vitest";
import { liveTensors, rand, scope } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { createModel, directFrames, modelDefaults, SnnModel } from "../models/index.js";
import { readState } from "../nn/index.js";
import {
  type ConversionOptions,
  convertAnn,
  doublingTimesteps,
  findThresholds,
  latencyCurve,
  scaleThresholds,
} from "./index.js";

const sizes = { inputChannels: 2, numClasses: 3, timesteps: 2, batchNorm: false } as const;
const ann = { ...modelDefaults, ...sizes, kind: "ann", arch: "dl-vgg9" } as const;

describe("convertAnn", () => {
  const options = { method: "percentile", type: "layer", timesteps: 2 } as const;

  it.each([
    [{ method: "percentil" }, "did you mean percentile?"],
    [{ type: "pixel" }, "convert: expected type to be one of layer, channel, neuron"],
    [{ timesteps: 0 }, "timesteps"],
    [{ timesteps: Number.NaN }, "timesteps"],
    [{ leak: 0 }, "leak"],
    [{ leak: Number.NaN }, "leak"],
    [{ scale: 0 }, "scale to be a finite number above 0, received 0"],
    [{ scale: Number.NaN }, "scale"],
    [{ imbalance: -1 }, "imbalance"],
    [{ percentile: Number.NaN }, "percentile"],
    [{ percentiles: 0.9 }, "did you mean percentile?"],
  ])("refuses %j and leaves nothing", (change, message) => {
    const network = (() => {
      using model = createModel(ann);
      return { config: ann, state: readState(model) };
    })();
    using image = rand([1, 2, 8, 8], 1);
    const before = liveTensors();
    const batches = [{ images: image, frames: directFrames(image) }];
    const convert = () => convertAnn(network, batches, { ...options, ...change } as ConversionOptions);
    expect(convert).toThrow(OptionError);
    expect(convert).toThrow(message);
    expect(liveTensors()).toBe(before);
  });
});

describe("thresholds and timesteps", () => {
  const noNumbers = [Number.NaN, Number.POSITIVE_INFINITY, 0, -1, 0.5];

  it("are refused where they are none", async () => {
    using model = createModel({ ...modelDefaults, ...sizes, kind: "snn", arch: "dl-vgg9" });
    if (!(model instanceof SnnModel)) throw new Error("expected a spiking network");
    scope("test", () => {
      const frames = [directFrames(rand([1, 2, 8, 8], 1))];
      expect(() => findThresholds(model, frames, { type: "pixel" as never })).toThrow(OptionError);
      for (const timesteps of noNumbers) {
        expect(() => findThresholds(model, frames, { type: "layer", timesteps })).toThrow("timesteps");
      }
    });
    for (const bad of noNumbers) {
      expect(() => doublingTimesteps(bad)).toThrow(OptionError);
      await expect(latencyCurve(model, [], { points: [bad] })).rejects.toThrow(OptionError);
    }
    for (const factor of [Number.NaN, 0, -1])
      expect(() => scaleThresholds(new Map(), factor)).toThrow(OptionError);
  });
});
