import { describe, expect, it } from "vitest";
import { liveTensors, rand, scope, sub } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { createModel, directFrames } from "../models/index.js";
import { readState } from "../nn/index.js";
import { convertAnn, convertToSnn } from "./index.js";

const settings = { kind: "ann", arch: "dl-vgg9", inputChannels: 2, numClasses: 3, init: "kaiming" } as const;

describe("convertToSnn", () => {
  it("gives the network of convertAnn in evaluation mode, from a model or its state, and leaves nothing else", () => {
    scope("test", () => {
      using ann = createModel(settings, { seed: 4 });
      const images = sub(rand([2, 2, 8, 8], 5), 0.4);
      for (let pass = 0; pass < 10; pass++) scope("see", () => ann.forward(images));
      const options = { method: "percentile", timesteps: 4 } as const;
      const state = { config: ann.config, state: readState(ann) };
      const batches = [{ images, frames: directFrames(images) }];
      using expected = convertAnn(state, batches, { ...options, type: "layer" }).model;
      const before = liveTensors();
      for (const [from, given] of [
        [ann, images],
        [state, [images]],
      ] as const) {
        using snn = convertToSnn(from, given, options);
        expect(snn.training).toBe(false);
        expect(readState(snn)).toEqual(readState(expected));
      }
      expect(liveTensors()).toBe(before);
    });
  });

  it("refuses what is no images, and no network", () => {
    using ann = createModel(settings);
    expect(() => convertToSnn(ann, "x" as never)).toThrow(OptionError);
    expect(() => convertToSnn(ann, [])).toThrow(/at least one calibration batch/);
    expect(() => convertToSnn(ann, [], { method: "magic" as never })).toThrow(/method/);
    expect(() => convertToSnn(undefined as never, [])).toThrow(/convert: expected/);
  });
});
