import { describe, expect, it } from "vitest";
import { combinations } from "../../tests/combinations.js";
import { cosine } from "../../tests/cosine.js";
import { fusedSurrogates } from "../../tests/lif-comparison.js";
import { fusesThere, testDevice, there } from "../../tests/test-device.js";
import {
  add,
  avgPool2d,
  call,
  clone,
  conv2d,
  detach,
  flatten,
  full,
  getThreads,
  liveTensors,
  mean,
  mul,
  ones,
  rand,
  randn,
  scope,
  setThreads,
  splitFirst,
  sum,
  type Tensor,
  tensorFrom,
  toDType,
  zeros,
} from "../engine/index.js";
import {
  lifSequence,
  type PackedLayerOptions,
  packedConv2d,
  packedConvLif,
  packedRate,
  packedSum,
  type Reset,
  type Surrogate,
} from "./index.js";

/** Directions of a gradient on bits and of the one in float32, on the same images. */
const GRADIENT_COSINE = 0.999;
/** The same where one neuron of a few hundred fired at another time, which changes what those behind it and before it see. */
const FLIPPED_COSINE = 0.98;
/** Their lengths, as a share. */
const GRADIENT_LENGTH = 0.05;
/** Share of neurons so near their threshold that weights of 15 bits may decide otherwise. */
const FLIPPED_SHARE = 1e-3;
/** Running statistics against float32's. */
const STATISTICS_TOLERANCE = 1e-4;
/** A number rounded to bfloat16 twice against its exact value. */
const HALF_TOLERANCE = 2 ** -7;

/** A GPU rounds weights and currents of layers on spikes to bfloat16, and so does what it is compared with. */
const rounded = (x: Tensor) => (testDevice === "cpu" ? x : toDType(toDType(x, "bfloat16"), "float32"));

const eps = 1e-4;
const momentum = 0.1;

interface Case {
  readonly steps?: number;
  readonly batch?: number;
  readonly channels: readonly [number, number, number];
  readonly size: readonly [number, number];
  readonly dilation?: number;
  readonly poolStride?: number;
  readonly kernelSize?: number;
  readonly reset?: Reset;
  readonly surrogate?: Surrogate;
  readonly norm?: "training" | "evaluation" | "none";
  readonly runningMean?: number;
  readonly threshold?: number;
  readonly constant?: boolean;
}

/** Two layers, images to spikes to spikes; what comes out and every gradient. Those that are not packed are the CPU's. */
function compute(test: Case, packed: boolean) {
  const { steps = 3, batch = 2, channels, size, dilation = 1, poolStride = 0, kernelSize = 3 } = test;
  const { reset = "soft", surrogate = "linear", norm = "training", threshold = 1, constant = false } = test;
  const [inputs, hidden, outputs] = channels;
  return scope("two layers", () => {
    const frames = constant ? [batch, inputs, ...size] : [steps, batch, inputs, ...size];
    const placed = packed ? there : (x: Tensor) => x;
    const leaf = (x: Tensor) => placed(x).setRequiresGrad(true);
    const images = leaf(randn(frames, 1));
    const first = leaf(mul(randn([hidden, inputs, 3, 3], 2), 0.3));
    const second = leaf(mul(randn([outputs, hidden, kernelSize, kernelSize], 3), 0.15));
    const normOf = (count: number, seed: number) =>
      norm === "none"
        ? undefined
        : {
            scale: leaf(add(mul(rand([steps, count], seed), 0.5), 0.75)),
            runningMean: placed(full([steps, count], test.runningMean ?? 0)),
            runningVar: placed(ones([steps, count])),
            ...{ training: norm === "training", momentum, eps },
          };
    const norms = [normOf(hidden, 4), normOf(outputs, 5)] as const;
    const dynamics = { leak: 0.9, reset, surrogate };
    const thresholds = [
      placed(full([1], threshold)),
      placed(add(mul(rand([outputs], 6), 0.4), 0.8 * threshold)),
    ] as const;
    let counts: Tensor;
    let sums: Tensor;
    if (packed) {
      const neurons = { steps, ...dynamics };
      const a = packedConvLif(images, first, {
        ...{ ...neurons, threshold: thresholds[0], norm: norms[0], dilation: 1, poolStride: 0 },
      });
      const b = packedConvLif(a, second, {
        ...{ ...neurons, threshold: thresholds[1], norm: norms[1], dilation, poolStride },
      });
      counts = b.counts;
      sums = packedSum(b);
    } else {
      const fire = (current: Tensor, layer: 0 | 1) =>
        lifSequence(current, { ...dynamics, imbalance: 0, threshold: thresholds[layer], norm: norms[layer] });
      const currents = constant
        ? splitFirst(conv2d(repeat(images, steps), first, { padding: 1 }), steps)
        : splitFirst(conv2d(flatten(images, 0, 1), first, { padding: 1 }), steps);
      const spikes = flatten(fire(currents, 0).spikes, 0, 1);
      const pooling = { kernelSize: 3, stride: poolStride, padding: 1 };
      // Counts are whole numbers, nine times the mean.
      const [seen, weight] =
        poolStride > 0 ? [mul(avgPool2d(spikes, pooling), 9), mul(second, 1 / 9)] : [spikes, second];
      const padding = dilation * ((kernelSize - 1) / 2);
      const current = rounded(conv2d(seen, rounded(weight), { padding, dilation }));
      const result = fire(splitFirst(current, steps), 1);
      counts = result.counts;
      sums = sum(result.spikes, [0]);
    }
    sum(mul(sums, placed(randn(sums.shape, 7)))).backward();
    const parameters = { images, first, second, scale0: norms[0]?.scale, scale1: norms[1]?.scale };
    return {
      sums: sums.toFloat32Array(),
      counts: [...counts.toArray()].map(Number),
      runningVar: norms[1]?.runningVar.toFloat32Array() ?? new Float32Array(),
      gradients: Object.entries(parameters).flatMap(([name, p]) =>
        p?.grad ? [{ name, values: p.grad.toFloat32Array() }] : [],
      ),
    };
  });
}

const lengthOf = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

function repeat(images: Tensor, steps: number): Tensor {
  const frames = mul(ones([steps, ...images.shape]), images);
  return flatten(frames, 0, 1);
}

const cases: Record<string, Case> = {
  "whole words of channels": { channels: [3, 64, 128], size: [10, 16] },
  "odd channels and sizes, hard reset": { channels: [5, 33, 21], size: [9, 11], reset: "hard" },
  "pooling of stride 2": { channels: [3, 64, 64], size: [13, 16], poolStride: 2 },
  "pooling of stride 1": { channels: [3, 20, 64], size: [8, 9], poolStride: 1 },
  "dilation 2": { channels: [3, 70, 32], size: [16, 16], dilation: 2 },
  "dilation 12, taps mostly outside": { channels: [3, 64, 96], size: [16, 16], dilation: 12 },
  "1x1 kernel": { channels: [3, 40, 48], size: [7, 6], kernelSize: 1 },
  "5x5 kernel": { channels: [3, 16, 24], size: [9, 10], kernelSize: 5 },
  "one timestep": { steps: 1, channels: [3, 32, 32], size: [8, 8] },
  "one pixel": { channels: [3, 32, 32], size: [1, 1], batch: 6 },
  "the same image at every step": { channels: [3, 32, 32], size: [8, 12], constant: true },
  "no batch norm": { channels: [3, 32, 32], size: [8, 12], norm: "none" },
  "running statistics": { channels: [3, 32, 32], size: [8, 12], norm: "evaluation" },
  "fast sigmoid": { channels: [3, 32, 32], size: [8, 12], surrogate: "fast-sigmoid" },
  exponential: { channels: [3, 32, 32], size: [8, 12], surrogate: "exponential" },
  "pass-through": { channels: [3, 32, 32], size: [8, 12], surrogate: "pass-through" },
  "nobody fires": { channels: [3, 32, 32], size: [8, 8], threshold: 1e3 },
  "everybody fires": {
    ...{ channels: [3, 32, 32], size: [8, 8], norm: "evaluation", runningMean: -1e3 },
    surrogate: "pass-through",
  },
};

/** Every combination of what bits can train: no second threshold, one threshold a layer or channel. */
const everyCombination = combinations({
  reset: ["soft", "hard"] as const,
  surrogate: fusedSurrogates,
  norm: ["training", "evaluation", "none"] as const,
  steps: [1, 4],
  constant: [false, true],
  poolStride: [0, 2],
});

describe.skipIf(!fusesThere)("training on bits against float32 layers", () => {
  const expectEqual = (test: Case) => {
    const before = liveTensors();
    const ours = compute(test, true);
    const theirs = compute(test, false);
    const { steps = 3 } = test;
    const flipped = ours.sums.reduce((count, value, i) => count + Math.abs(value - theirs.sums[i]!), 0);
    const mostFlipped = 1 + FLIPPED_SHARE * steps * ours.sums.length;
    expect(flipped).toBeLessThanOrEqual(mostFlipped);
    // A neuron that fires a timestep later changes two counts and no sum.
    const moved = ours.counts.reduce((all, count, t) => all + Math.abs(count - theirs.counts[t]!), 0);
    expect(moved).toBeLessThanOrEqual(2 * mostFlipped);
    for (const [i, value] of ours.runningVar.entries())
      expect(Math.abs(value - theirs.runningVar[i]!)).toBeLessThan(STATISTICS_TOLERANCE);
    expect(ours.gradients.map(({ name }) => name)).toEqual(theirs.gradients.map(({ name }) => name));
    for (const [i, { name, values }] of ours.gradients.entries())
      expect(cosine(values, theirs.gradients[i]!.values), name).toBeGreaterThan(
        moved === 0 ? GRADIENT_COSINE : FLIPPED_COSINE,
      );
    for (const [i, { name, values }] of ours.gradients.entries()) {
      const length = lengthOf(theirs.gradients[i]!.values);
      expect(Math.abs(lengthOf(values) - length), name).toBeLessThanOrEqual(GRADIENT_LENGTH * length);
    }
    expect(liveTensors()).toBe(before);
  };

  it.each(Object.entries(cases))("%s", (_name, test) => expectEqual(test));

  it.each(everyCombination)(
    "$reset reset, $surrogate, norm $norm, T $steps, constant $constant, pooling $poolStride",
    (test) => expectEqual({ ...test, channels: [3, 40, 24], size: [7, 6] }),
  );

  it("takes an empty batch", () => {
    const { sums, counts } = compute({ channels: [3, 16, 16], size: [4, 4], batch: 0 }, true);
    expect(sums.length).toBe(0);
    expect(counts).toEqual([0, 0, 0]);
  });

  it("is the same bits for any number of threads", () => {
    const test: Case = { channels: [3, 64, 64], size: [12, 16], batch: 3 };
    const threads = getThreads();
    const results = [1, 2, 3].map((count) => {
      setThreads(count);
      return compute(test, true);
    });
    setThreads(threads);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});

describe.skipIf(!fusesThere)("operators on bits", () => {
  const layer = () => {
    const weight = there(mul(randn([20, 3, 3, 3], 1), 0.5));
    const dynamics = { leak: 0.9, reset: "soft", surrogate: "linear", norm: undefined } as const;
    const neurons = {
      ...dynamics,
      steps: 2,
      threshold: there(full([1], 0.7)),
      dilation: 1,
      poolStride: 0,
    };
    return packedConvLif(there(randn([2, 3, 3, 6, 5], 2)), weight.setRequiresGrad(true), neurons);
  };

  it("convolve like conv2d, with its weight gradient", () => {
    scope("test", () => {
      const spikes = layer();
      const weight = there(randn([7, 20, 1, 1], 3)).setRequiresGrad(true);
      const ours = packedConv2d(spikes, weight);
      // Each spike of a 1x1 kernel that copies channels is a current of 1.
      const copies = zeros([20, 20, 1, 1]);
      const identity = there(add(copies, eye(20)));
      const unpacked = detach(packedConv2d(spikes, identity));
      const plainWeight = clone(detach(weight)).setRequiresGrad(true);
      const theirs = rounded(conv2d(unpacked, rounded(plainWeight)));
      const direction = there(randn(ours.shape, 4));
      sum(mul(ours, direction)).backward();
      sum(mul(theirs, direction)).backward();
      const [a, b] = [ours.toFloat32Array(), theirs.toFloat32Array()];
      const tolerance = (value: number) =>
        testDevice === "cpu" ? 1e-3 : 1e-3 + HALF_TOLERANCE * Math.abs(value);
      for (const [i, value] of a.entries()) expect(Math.abs(value - b[i]!)).toBeLessThan(tolerance(value));
      const [ga, gb] = [weight.grad!.toFloat32Array(), plainWeight.grad!.toFloat32Array()];
      expect(cosine(ga, gb)).toBeGreaterThan(GRADIENT_COSINE);
      const total = sum(unpacked).item();
      expect(sum(packedSum(spikes)).item()).toBe(total);
      expect(packedRate(spikes).item()).toBeCloseTo(mean(unpacked).item(), 6);
    });
  });

  it("carry the rate's gradient to every spike alike", () => {
    scope("test", () => {
      const { counts, carrier } = layer();
      const leaf = clone(detach(carrier)).setRequiresGrad(true);
      mul(packedRate({ counts, carrier: leaf }), 3).backward();
      const expected = 3 / leaf.numel;
      const gradient = toDType(mul(leaf.grad!, 1 / expected), "float32").toFloat32Array();
      for (const value of gradient) expect(Math.abs(value - 1)).toBeLessThan(HALF_TOLERANCE);
    });
  });

  it("leave the gradient that the caller hands in as it was", () => {
    scope("test", () => {
      const { carrier } = layer();
      const gradient = there(toDType(randn(carrier.shape, 5), "bfloat16"));
      const before = gradient.toArray();
      carrier.backward(gradient);
      expect(gradient.toArray()).toEqual(before);
    });
  });

  it("refuse what does not fit", () => {
    scope("test", () => {
      const { bits, carrier } = layer();
      expect(() => packedSum({ bits: carrier, carrier })).toThrow(/spikes: expected int64/);
      expect(() => packedConv2d({ bits, carrier }, there(randn([7, 99, 1, 1], 3)))).toThrow(
        /weight: expected \[O, 20/,
      );
      expect(() =>
        packedConv2d({ bits, carrier: toDType(carrier, "float32") }, there(randn([7, 20, 1, 1], 3))),
      ).toThrow(/carrier: expected bfloat16/);
    });
  });

  it.each<[RegExp, () => Partial<PackedLayerOptions>]>([
    [/steps/, () => ({ steps: 0 })],
    [/carrier: expected 3 timesteps/, () => ({ steps: 3 })],
    [/dilation/, () => ({ dilation: 2 ** 31 })],
    [/dilation/, () => ({ dilation: -1 })],
    [/poolStride/, () => ({ poolStride: -1 })],
    [/leak/, () => ({ leak: Number.NaN })],
    [/threshold/, () => ({ threshold: there(full([1], -1)) })],
    [/threshold/, () => ({ threshold: there(full([1], Number.NaN)) })],
    [/threshold: expected one value or \[4\]/, () => ({ threshold: there(ones([3])) })],
    [/threshold: expected float32/, () => ({ threshold: there(ones([1], { dtype: "float64" })) })],
    [
      /threshold: expected a tensor that asks for no gradient/,
      () => ({ threshold: there(ones([1])).setRequiresGrad(true) }),
    ],
    [
      /running_var: expected float32 \[2, 4\]/,
      () => ({ norm: { ...batchNorm(), runningVar: there(ones([2, 1])) } }),
    ],
    [
      /running_var: expected float32/,
      () => ({ norm: { ...batchNorm(), runningVar: there(ones([2, 4], { dtype: "float64" })) } }),
    ],
    [/running_mean: expected memory of its own/, () => ({ norm: sharedStatistics() })],
    [
      /gamma: expected contiguous/,
      () => ({ norm: { ...batchNorm(), scale: expand(there(ones([2, 1])), [2, 4]) } }),
    ],
    [/momentum/, () => ({ norm: { ...batchNorm(), momentum: 2 } })],
    [/eps/, () => ({ norm: { ...batchNorm(), eps: 0 } })],
  ])("refuse %s", (reason, change) => {
    scope("test", () => {
      const spikes = layer();
      const options = {
        leak: 0.9,
        reset: "soft",
        surrogate: "linear",
        steps: 2,
        dilation: 1,
      } as const;
      const neurons = { ...options, poolStride: 0, threshold: there(ones([1])), norm: undefined };
      const weight = there(randn([4, 20, 3, 3], 1));
      expect(() => packedConvLif(spikes, weight, { ...neurons, ...change() })).toThrow(reason);
      expect(packedConvLif(spikes, weight, neurons).counts.shape).toEqual([2]);
    });
  });

  // A GPU does not look at weights: it would have to be waited for.
  it.runIf(testDevice === "cpu")("refuse weights that are no numbers", () => {
    scope("test", () => {
      const weight = full([4, 20, 1, 1], Number.NaN);
      expect(() => packedConv2d(layer(), weight)).toThrow(/weight: expected finite numbers/);
    });
  });
});

const expand = (x: Tensor, shape: readonly number[]) => call("aten::expand", [x, shape]);

/** Batch norm of two timesteps and four channels. */
function batchNorm() {
  const statistics = { runningMean: there(zeros([2, 4])), runningVar: there(ones([2, 4])) };
  return { scale: there(ones([2, 4])), ...statistics, training: true, momentum, eps };
}

function sharedStatistics() {
  const norm = batchNorm();
  return { ...norm, runningVar: norm.runningMean };
}

function eye(size: number): Tensor {
  const values = new Float32Array(size * size);
  for (let i = 0; i < size; i++) values[i * size + i] = 1;
  return tensorFrom(values, [size, size, 1, 1]);
}
