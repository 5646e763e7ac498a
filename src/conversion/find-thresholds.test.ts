import { describe, expect, it } from "vitest";
import {
  concat,
  keep,
  liveTensors,
  narrow,
  rand,
  scope,
  sub,
  type Tensor,
  tensorFrom,
  zeros,
} from "../engine/index.js";
import { ConversionError } from "../errors.js";
import { createModel, modelDefaults, type SnnConfig, SnnModel, storedFrames } from "../models/index.js";
import { loadState, readState } from "../nn/index.js";
import { findThresholds } from "./find-thresholds.js";
import { scaleThresholds } from "./layer-thresholds.js";

const config: SnnConfig = {
  ...modelDefaults,
  kind: "snn",
  arch: "dl-vgg9",
  inputChannels: 2,
  numClasses: 3,
  batchNorm: false,
  timesteps: 12,
  leak: 1,
};
/** Convolutions of other batch sizes may add up in another order. */
const thresholdTolerance = 1e-5;

function snn(changes: Partial<SnnConfig> = {}): SnnModel {
  const model = createModel({ ...config, ...changes }, { seed: 3 });
  if (!(model instanceof SnnModel)) throw new TypeError("expected a spiking network");
  // Untrained networks fall silent in their deep layers; weights of positive mean keep them awake.
  const awake = [...readState(model)].map(([name, array]) => {
    const data = Float32Array.from(array.data as Float32Array, (x) =>
      name.endsWith("weight") ? x + 0.05 : x,
    );
    return [name, { ...array, data }] as const;
  });
  loadState(model, new Map(awake));
  return model;
}

/** Two batches of two examples, `[T, 2, 2, 8, 8]`. */
function batches(timesteps: number): [Tensor, Tensor] {
  const [a, b] = scope("input", () =>
    [1, 2].map((seed) => sub(rand([timesteps, 2, 2, 8, 8], seed), 0.4)),
  ) as [Tensor, Tensor];
  return [keep(a), keep(b)];
}

function expectClose(ours: ArrayLike<number>, theirs: ArrayLike<number>) {
  expect(ours.length).toBe(theirs.length);
  const scale = Math.max(...Array.from(theirs));
  for (let i = 0; i < theirs.length; i++) {
    expect(Math.abs(ours[i]! - theirs[i]!)).toBeLessThanOrEqual(thresholdTolerance * scale);
  }
}

describe("findThresholds", () => {
  it("finds the same in several batches as in one that holds them all", () => {
    const [a, b] = batches(12);
    using whole = scope("whole", () => concat([a, b], 1));
    using first = snn();
    using second = snn();
    const together = findThresholds(first, [storedFrames(whole)], { type: "layer" });
    const apart = findThresholds(second, [storedFrames(a), storedFrames(b)], { type: "layer" });
    expect([...apart.keys()]).toEqual([...first.spikingLayers().keys()]);
    for (const [name, { data }] of together) expectClose(apart.get(name)!.data, data);
    for (const tensor of [a, b]) tensor.dispose();
  });

  it("carries membranes across the chunks of a long run, and leaves no tensors behind", () => {
    const timesteps = 24;
    const [frames, other] = batches(timesteps);
    using long = snn({ timesteps });
    using short = snn({ timesteps });
    const before = liveTensors();
    const activationBytes = 16 * 4 * 64 * 64; // sixteen steps of the first layer's 64 channels of 8x8
    const whole = findThresholds(long, [storedFrames(frames)], { type: "channel", activationBytes });
    expect(liveTensors()).toBe(before);
    // The first layer alone needs no membranes; the second sees what they let through.
    const current = new Float32Array(64);
    scope("by hand", () => {
      const layers = short.spikingLayers();
      const [name, { data, shape }] = [...whole][0]!;
      layers.get(name)!.setThreshold(tensorFrom(data, shape));
      short.forward(frames, {
        observer: {
          current: (layer, x) => {
            if (layer !== "features.1") return;
            const values = x.toFloat32Array();
            for (let i = 0; i < values.length; i++) {
              const channel = Math.floor(i / 64) % 64;
              current[channel] = Math.max(current[channel]!, values[i]!);
            }
          },
        },
      });
    });
    expectClose(whole.get("features.1")!.data, current);
    for (const tensor of [frames, other]) tensor.dispose();
  });

  it("shares a threshold among a layer's, a channel's or a single neuron", () => {
    const [frames, other] = batches(16);
    const found = (["layer", "channel", "neuron"] as const).map((type) => {
      using model = snn({ timesteps: 16 });
      return findThresholds(model, [storedFrames(frames)], { type }).get("features.0")!;
    });
    expect(found.map(({ shape }) => shape)).toEqual([[1], [64], [64, 8, 8]]);
    const [layer, channel, neuron] = found.map(({ data }) => data) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    expect(Math.max(...channel)).toBe(layer[0]);
    expect(channel[5]).toBe(Math.max(...neuron.subarray(5 * 64, 6 * 64)));
    for (const tensor of [frames, other]) tensor.dispose();
  });

  it("refuses input that never reaches a layer", () => {
    using model = snn();
    using silent = zeros([12, 1, 2, 8, 8]);
    expect(() => findThresholds(model, [storedFrames(silent)], { type: "layer" })).toThrow(ConversionError);
    expect(() => findThresholds(model, [storedFrames(silent)], { type: "layer" })).toThrow("features.0");
  });

  it("keeps a neuron at its own largest current from firing", () => {
    const [frames, other] = batches(12);
    using model = snn({ timesteps: 1 });
    const still = scope("one step", () => keep(narrow(frames, 0, 0, 1)));
    const first: number[] = [];
    // Ends after the first layer: one step is too short for those behind it.
    const search = () =>
      findThresholds(model, [storedFrames(still)], {
        type: "neuron",
        onFound: (_, found) => first.push(...[...found.values()][0]!.data),
      });
    expect(search).toThrow(ConversionError);
    expect(Math.max(...first)).toBeGreaterThan(0);
    expect(scope("forward", () => model.forward(still).activity[0]!.spikes)).toEqual([0]);
    for (const tensor of [frames, other, still]) tensor.dispose();
  });
});

describe("scaleThresholds", () => {
  it("scales every number and keeps the original", () => {
    const found = new Map([["a", { shape: [2], data: Float32Array.of(1, 3) }]]);
    expect([...scaleThresholds(found, 0.5).get("a")!.data]).toEqual([0.5, 1.5]);
    expect([...found.get("a")!.data]).toEqual([1, 3]);
  });
});
