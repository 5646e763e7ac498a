/** Neurons that cannot be are refused, by every operator and layer alike. */
import { describe, expect, it } from "vitest";
import { full, liveTensors, ones, scope, tensorFrom, unbind, zeros } from "../engine/index.js";
import { OptionError, ShapeError } from "../errors.js";
import { lifSpikes, unpackSpikes } from "../inference/index.js";
import {
  BatchNormThroughTime,
  type LifOptions,
  lifSequence,
  lifSequenceReference,
  NeuronLayer,
  packedConvLif,
  poissonEncoding,
  SpikeRatePenalty,
  seededUniform,
  spike,
  surrogatePrimitive,
  surrogates,
  trainingPlan,
} from "./index.js";

const noDynamics: [Record<string, unknown>, string][] = [
  [{ leak: 0 }, "leak to be a finite number in (0, 1], received 0"],
  [{ leak: 1.5 }, "leak"],
  [{ leak: Number.NaN }, "leak"],
  [{ reset: "none" }, 'reset to be one of soft, hard, received "none"'],
  [{ reset: undefined }, "reset"],
  [{ surrogate: "atan" }, `surrogate to be one of ${surrogates.join(", ")}, received "atan"`],
];
const noImbalance: [Record<string, unknown>, string][] = [
  [{ imbalance: -1 }, "imbalance"],
  [{ imbalance: Number.NaN }, "imbalance"],
];

describe("lifSequence and its plain twin", () => {
  const options = { leak: 0.9, reset: "soft", surrogate: "linear", imbalance: 0 } as const;
  const norm = (steps: number) => ({
    ...{ scale: ones([steps, 3]), runningMean: zeros([steps, 3]), runningVar: ones([steps, 3]) },
    ...{ training: true, momentum: 0.1, eps: 1e-4 },
  });

  it.each([
    ...noDynamics,
    ...noImbalance,
    [{ normalizedSteps: -1 }, "normalizedSteps"],
    [{ normalizedSteps: Number.NaN }, "normalizedSteps"],
    [{ threshold: -1 }, "threshold"],
    [{ threshold: "1" }, "threshold to be a tensor"],
    [{ treshold: 1 }, "did you mean threshold?"],
  ] as [Record<string, unknown>, string][])("refuse %j", (change, message) => {
    scope("test", () => {
      const current = ones([2, 1, 3, 2, 2]);
      for (const run of [lifSequence, lifSequenceReference]) {
        const call = () => run(current, { ...options, threshold: full([1], 1), ...change } as LifOptions);
        expect(call).toThrow(OptionError);
        expect(call).toThrow(`${run.name}: expected`);
        expect(call).toThrow(message);
      }
    });
  });

  it("refuse settings of batch norm that are none", () => {
    scope("test", () => {
      const current = ones([2, 1, 3, 2, 2]);
      const bad = { training: "yes", momentum: Number.NaN, eps: -1, scale: undefined, epsilon: 1 };
      for (const run of [lifSequence, lifSequenceReference]) {
        for (const [name, value] of Object.entries(bad)) {
          const wrong = { ...norm(2), [name]: value } as never;
          expect(() => run(current, { ...options, threshold: full([1], 1), norm: wrong }), name).toThrow(
            OptionError,
          );
        }
      }
    });
  });

  it("refuse currents that have no timesteps", () => {
    scope("test", () => {
      const neurons = { ...options, threshold: full([1], 1) };
      expect(() => lifSequenceReference(ones([2, 3]), neurons)).toThrow(ShapeError);
      expect(() => lifSequenceReference(ones([0, 1, 3, 2, 2]), neurons)).toThrow(ShapeError);
    });
  });
});

describe("thresholds", () => {
  const dynamics = { leak: 1, reset: "soft", surrogate: "linear", imbalance: 0 } as const;
  const currents = [-1, 0, 0.5, 2];
  /** One neuron over four steps, in every way there is. */
  const ways: Record<string, (threshold: number) => number[]> = {
    lifSequence: (threshold) => sequence(lifSequence, threshold),
    lifSequenceReference: (threshold) => sequence(lifSequenceReference, threshold),
    lifSpikes: (threshold) => {
      const neurons = { threshold: full([1], threshold), leak: 1, hardReset: false };
      const { bits } = lifSpikes(tensorFrom(Float32Array.from(currents), [4, 1, 1, 1]), 4, neurons);
      return unpackSpikes(bits, 1).toNumbers();
    },
  };
  const sequence = (run: typeof lifSequence, threshold: number) => {
    const current = tensorFrom(Float32Array.from(currents), [4, 1, 1, 1, 1]);
    return run(current, { ...dynamics, threshold: full([1], threshold) }).spikes.toNumbers();
  };

  it.each(Object.entries(ways))("of %s are 0 or more", (name, run) => {
    scope("test", () => {
      for (const bad of [-1, -1e-30, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => run(bad)).toThrow(`${name}: expected each threshold to be a finite number of 0 or more`);
      }
      expect(run(1)).toEqual([0, 0, 0, 1]);
    });
  });

  it("of 0, which conversion gives to dead channels, fire above 0 in every way alike", () => {
    scope("test", () => {
      for (const run of Object.values(ways)) expect(run(0)).toEqual([0, 0, 0, 1]);
    });
  });

  it("of one channel are found among many", () => {
    scope("test", () => {
      const threshold = tensorFrom(Float32Array.of(1, Number.NaN, 1), [3]);
      expect(() => lifSequence(ones([1, 1, 3, 1, 1]), { ...dynamics, threshold })).toThrow(/received NaN/);
      expect(() => lifSequence(ones([1, 1, 3, 1, 1]), { ...dynamics, threshold: ones([0]) })).toThrow(
        OptionError,
      );
    });
  });
});

describe("packedConvLif", () => {
  const options = {
    ...{ steps: 2, dilation: 1, poolStride: 0, leak: 0.9 },
    ...({ reset: "soft", surrogate: "linear", norm: undefined } as const),
  };

  it.each([
    ...noDynamics,
    [{ dilation: 2 ** 31 }, "dilation"],
    [{ dilation: -1 }, "dilation"],
    [{ steps: 0 }, "steps"],
    [{ poolStride: -1 }, "poolStride"],
    [{ byTaps: true }, "received byTaps"],
    [{ imbalance: 1 }, "received imbalance"],
  ] as [Record<string, unknown>, string][])("refuses %j", (change, message) => {
    scope("test", () => {
      const [images, weight] = [ones([2, 1, 2, 4, 4]), ones([3, 2, 3, 3])];
      const all = { ...options, threshold: full([1], 1), ...change } as typeof options & { threshold: never };
      expect(() => packedConvLif(images, weight, all)).toThrow(message);
      expect(() => packedConvLif(images, weight, all)).toThrow(OptionError);
    });
  });
});

describe("layers of neurons", () => {
  const settings = {
    leak: 1,
    threshold: 1,
    reset: "soft",
    surrogate: "linear",
    imbalance: 0,
    device: "cpu",
  } as const;

  it.each([
    ...noDynamics,
    ...noImbalance,
    [{ threshold: 0 }, "threshold to be a finite number above 0, received 0"],
    [{ threshold: Number.NaN }, "threshold"],
  ] as [Record<string, unknown>, string][])("refuse %j and leave nothing", (change, message) => {
    const before = liveTensors();
    expect(() => new NeuronLayer({ ...settings, ...change } as never, undefined)).toThrow(message);
    expect(liveTensors()).toBe(before);
  });

  it("refuse another threshold, and keep the one they have", () => {
    using layer = new NeuronLayer(settings, undefined);
    const { threshold } = layer;
    scope("test", () => expect(() => layer.setThreshold(full([1], -1))).toThrow(OptionError));
    expect(layer.threshold).toBe(threshold);
    expect(threshold.item()).toBe(1);
  });

  it("refuse sizes that are none", () => {
    expect(() => new BatchNormThroughTime(0, 1, "cpu")).toThrow("timesteps");
    expect(() => new BatchNormThroughTime(1, Number.NaN, "cpu")).toThrow("channels");
  });
});

describe("what else has numbers or names", () => {
  it("refuses those that are none", () => {
    scope("test", () => {
      expect(() => spike(ones([1]), "atan" as never)).toThrow(OptionError);
      expect(() => trainingPlan("cnn" as never)).toThrow(OptionError);
      expect(() => surrogatePrimitive(1, "atan" as never)).toThrow(OptionError);
      expect(() => new SpikeRatePenalty({ target: 0, weight: 1 })).toThrow("target");
      expect(() => new SpikeRatePenalty({ target: 1, weight: Number.NaN })).toThrow("weight");
      const image = ones([1, 1, 2, 2]);
      for (const steps of [0, -1, 0.5, Number.NaN]) {
        expect(() =>
          poissonEncoding(
            image,
            steps,
            seededUniform((t) => t),
          ),
        ).toThrow("timesteps");
      }
      expect(() =>
        poissonEncoding(
          image,
          1,
          seededUniform(() => Number.NaN),
        ),
      ).toThrow("seed");
      expect(
        unbind(
          poissonEncoding(
            image,
            2,
            seededUniform((t) => t),
          ),
        ),
      ).toHaveLength(2);
    });
  });
});
