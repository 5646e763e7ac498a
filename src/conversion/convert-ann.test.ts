import { describe, expect, it } from "vitest";
import { keep, liveTensors, noGrad, rand, scope, sub, sum, type Tensor } from "../engine/index.js";
import { ConversionError, OptionError } from "../errors.js";
import {
  type AnnConfig,
  createModel,
  directFrames,
  modelDefaults,
  perExampleUniform,
  poissonFrames,
} from "../models/index.js";
import { loadState, readState } from "../nn/index.js";
import type { CalibrationBatch } from "./calibration-batch.js";
import { annModel, type Conversion, type ConversionOptions, convertAnn } from "./convert-ann.js";
import { type AnnNetwork, foldBatchNorm } from "./fold-batch-norm.js";

/** Folding changes the order of float additions only. */
const foldTolerance = 1e-4;

const base: AnnConfig = {
  ...modelDefaults,
  kind: "ann",
  arch: "dl-vgg9",
  inputChannels: 2,
  numClasses: 3,
  init: "kaiming",
};

function images(size = 8): Tensor {
  return keep(scope("images", () => sub(rand([2, 2, size, size], 5), 0.4)));
}

/** An ANN whose batch norm has seen the images, or whose biases are not 0. */
function network(changes: Partial<AnnConfig>, seen: Tensor): AnnNetwork {
  using model = createModel({ ...base, ...changes }, { seed: 4 });
  for (let pass = 0; pass < 20; pass++) scope("see", () => noGrad(() => void model.forward(seen)));
  return { config: { ...base, ...changes }, state: readState(model) };
}

const logitsOf = (ann: AnnNetwork, x: Tensor): Float32Array => {
  using model = annModel(ann);
  return scope("ann", () => noGrad(() => model.forward(x).logits.toFloat32Array()));
};

/** Relative distance of the converted network's scores from the ANN's; FCN sums over time. */
function distance(conversion: Conversion, frames: Tensor, expected: Float32Array): number {
  const { model } = conversion;
  model.setTraining(false);
  const divisor = model.config.arch === "fcn-vgg9" ? model.config.timesteps : 1;
  const received = scope("snn", () => noGrad(() => model.forward(frames).logits.toFloat32Array()));
  const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
  return norm(received.map((x, i) => x / divisor - expected[i]!)) / norm(expected);
}

function error(
  ann: AnnNetwork,
  x: Tensor,
  options: Pick<ConversionOptions, "method" | "timesteps"> & Partial<ConversionOptions>,
): number {
  const batch: CalibrationBatch = { images: x, frames: directFrames(x) };
  const conversion = convertAnn(ann, [batch], { type: "layer", ...options });
  using model = conversion.model;
  expect(model.config.timesteps).toBe(options.timesteps);
  return distance(conversion, x, logitsOf(ann, x));
}

describe("foldBatchNorm", () => {
  it("keeps what the network computes, for DeepLab and FCN", () => {
    for (const arch of ["dl-vgg9", "fcn-vgg9"] as const) {
      using x = images(16);
      const ann = network({ arch }, x);
      const folded = foldBatchNorm(ann);
      expect([...folded.state.keys()].some((name) => name.startsWith("bn_"))).toBe(false);
      const [before, after] = [logitsOf(ann, x), logitsOf(folded, x)];
      const scale = before.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
      for (const [i, value] of after.entries()) {
        expect(Math.abs(value - before[i]!)).toBeLessThan(foldTolerance * scale);
      }
    }
  });

  it("names the tensor that training left without a number", () => {
    using x = images();
    const ann = network({}, x);
    const state = new Map(ann.state);
    const weight = state.get("features.3.weight")!;
    state.set("features.3.weight", { ...weight, data: Float32Array.of(Number.NaN) });
    expect(() => foldBatchNorm({ ...ann, state })).toThrow("NaN in features.3.weight");
  });
});

describe("convertAnn", () => {
  it("nears the ANN with more timesteps, and sooner from half-charged membranes", () => {
    using x = images();
    const ann = network({}, x);
    const at = (method: "percentile" | "initial" | "calibrate", timesteps: number) =>
      error(ann, x, { method, timesteps, percentile: 1 });
    const short = at("percentile", 8);
    const long = at("percentile", 128);
    expect(long).toBeLessThan(0.1);
    expect(long).toBeLessThan(short / 4);
    expect(at("initial", 32)).toBeLessThan(0.85 * at("percentile", 32));
    expect(at("calibrate", 8)).toBeLessThan(short / 2);
  });

  it("weighs the spikes of channels that have thresholds of their own", () => {
    using x = images();
    const ann = network({}, x);
    const error64 = error(ann, x, { method: "percentile", type: "channel", timesteps: 64, percentile: 1 });
    expect(error64).toBeLessThan(0.1);
  });

  it("makes a network that its config and state build again, whatever the type of thresholds", () => {
    using x = images();
    const ann = network({}, x);
    const batch = { images: x, frames: directFrames(x) };
    for (const type of ["channel", "neuron"] as const) {
      const { model } = convertAnn(ann, [batch], { method: "paper", type, timesteps: 16 });
      using first = model;
      using again = createModel(JSON.parse(JSON.stringify(model.config)));
      expect(loadState(again, readState(first))).toEqual({ missing: [], unexpected: [] });
      const logits = [first, again].map((snn) => scope("run", () => snn.forward(x).logits.toFloat32Array()));
      expect(logits[1]).toEqual(logits[0]);
    }
  });

  it("converts FCN with its decoder", () => {
    using x = images(16);
    const ann = network({ arch: "fcn-vgg9" }, x);
    expect(error(ann, x, { method: "initial", timesteps: 64, percentile: 1 })).toBeLessThan(0.1);
  });

  it("fires as often as the quantised activation says, after as many timesteps as it has levels", () => {
    using x = images();
    const levels = 8;
    const ann = network({ activationLevels: levels }, x);
    const batch = { images: x, frames: directFrames(x) };
    const { model } = convertAnn(ann, [batch], { method: "qcfs", type: "layer", timesteps: levels });
    using snn = model;
    using quantized = annModel(ann);
    scope("compare", () => {
      const expected: number[] = [];
      const received: number[] = [];
      const bound = ann.state.get("act_features.0.bound")!.data[0] as number;
      const activated = (layer: string, a: Tensor) => {
        if (layer === "features.0") expected.push(...a.toFloat32Array().map((h) => (h * levels) / bound));
      };
      const fired = (layer: string, { spikes }: { spikes: Tensor }) => {
        if (layer === "features.0") received.push(...sum(spikes, [0]).toFloat32Array());
      };
      quantized.forward(x, { observer: { activated } });
      snn.forward(x, { observer: { fired } });
      expect(new Set(received).size).toBeGreaterThan(4);
      expect(received).toEqual(expected.map(Math.round));
    });
    expect(() => error(network({}, x), x, { method: "qcfs", timesteps: 8 })).toThrow(ConversionError);
  });

  it("follows the paper: copied weights, biases in the unit of the spikes before them", () => {
    using x = images();
    const ann = network({}, x);
    const batch = { images: x, frames: directFrames(x) };
    const { model, folded, found, worth } = convertAnn(ann, [batch], {
      method: "paper",
      type: "layer",
      timesteps: 16,
    });
    using snn = model;
    const value = (name: string) => snn.state().get(name)!.toFloat32Array();
    expect(value("features.1.weight")).toEqual(folded.state.get("features.1.weight")!.data);
    const spike = worth.get("features.0")![0]!;
    expect(spike).toBeCloseTo(0.7 * found.get("features.0")!.data[0]!, 5);
    expect(value("features.1.bias")[7]).toBeCloseTo(
      (folded.state.get("features.1.bias")!.data as Float32Array)[7]! / spike,
      4,
    );
    expect(snn.spikingLayers().get("features.0")!.threshold.item()).toBeCloseTo(spike, 5);
    const next = snn.spikingLayers().get("features.1")!.threshold.item();
    expect(worth.get("features.1")![0]).toBeCloseTo(next * spike, 4);
  });

  it("finds thresholds for FCN's decoder by name", () => {
    using x = images(16);
    const ann = network({ arch: "fcn-vgg9" }, x);
    const frames = poissonFrames(
      x,
      perExampleUniform((n) => n),
    );
    const conversion = convertAnn(ann, [{ images: x, frames }], {
      method: "paper",
      type: "channel",
      timesteps: 16,
    });
    using model = conversion.model;
    expect([...conversion.found.keys()]).toEqual([...model.spikingLayers().keys()]);
    expect(conversion.found.get("upsample.1")!.shape).toEqual([3]);
  });

  it("refuses combinations that mean nothing, with the reason", () => {
    using x = images();
    const ann = network({ leakySlope: 0.1 }, x);
    const batch = { images: x, frames: directFrames(x) };
    const convert = (options: Partial<ConversionOptions>) => () =>
      convertAnn(ann, [batch], { method: "percentile", type: "layer", timesteps: 4, ...options });
    expect(convert({ type: "neuron" })).toThrow(OptionError);
    expect(convert({ method: "calibrate" })).toThrow("leaky");
    expect(convert({ percentile: 99.9 })).toThrow("write 99.9 % as 0.999");
    const converted = convert({})();
    using model = converted.model;
    expect(model.config.imbalance).toBe(0.1);
  });

  it("frees what it made when it fails", () => {
    using x = images();
    const ann = network({}, x);
    const state = new Map(ann.state);
    const before = liveTensors();
    // Without weights and with a mean of 0 the first layer's currents are 0 at every input.
    const zero = (name: string) => {
      const array = state.get(name)!;
      state.set(name, { ...array, data: new Float32Array(array.data.length) });
    };
    zero("features.0.weight");
    zero("bn_features.0.running_mean");
    const silent = { images: x, frames: directFrames(x) };
    expect(() =>
      convertAnn({ ...ann, state }, [silent], { method: "paper", type: "layer", timesteps: 1 }),
    ).toThrow(ConversionError);
    expect(liveTensors()).toBe(before);
  });
});
