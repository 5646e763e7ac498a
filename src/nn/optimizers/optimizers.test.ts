import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  call,
  channelsLast,
  clone,
  keep,
  liveTensors,
  mul,
  ones,
  operatorRunsOn,
  rand,
  randn,
  scope,
  sum,
  type Tensor,
  tensorFrom,
  zeros,
  zerosLike,
} from "../../engine/index.js";
import { DivergenceError, OptionError, ShapeError } from "../../errors.js";
import { Adam } from "./adam.js";
import { adamStep, adamStepOfLibtorch, adamStepReference } from "./adam-step.js";
import { AdamW } from "./adamw.js";
import { squaredNorm, squaredNormReference } from "./gradient-norm.js";
import type { Optimizer } from "./optimizer.js";
import { Sgd, sgdStep, sgdStepOfLibtorch, sgdStepReference } from "./sgd.js";

/** float32 against float64 after a few steps, relative to values near 1. */
const tolerance = 1e-6;
const lr = 0.1;
const weightDecay = 0.01;

let liveBefore = 0;
let weights: Map<string, Tensor>;

beforeEach(() => {
  liveBefore = liveTensors();
  weights = new Map([
    ["a", parameter([1, -2])],
    ["b.c", parameter([0.5])],
    ["unused", parameter([7])],
  ]);
});
afterEach(() => {
  for (const weight of weights.values()) weight.dispose();
  expect(liveTensors()).toBe(liveBefore);
});

function parameter(values: number[]): Tensor {
  return keep(tensorFrom(Float32Array.from(values), [values.length])).setRequiresGrad(true);
}

/** Steps with the loss Σ w²·factor of `a` and `b.c`, so that the gradient is 2·factor·w. */
function step(optimizer: Optimizer, factor: number): void {
  scope("test step", () => {
    for (const name of ["a", "b.c"]) {
      const weight = weights.get(name)!;
      sum(mul(mul(weight, weight), factor)).backward();
    }
  });
  optimizer.step();
  optimizer.zeroGrad();
}

const valuesOf = (name: string) => [...weights.get(name)!.toFloat32Array()];
const factors = [1, -0.5, 2, 0.25];

/** The documented equations for one weight in plain numbers. */
function plainSgd(start: number, momentum: number): number {
  let [w, b] = [start, 0];
  for (const factor of factors) {
    b = momentum * b + 2 * factor * w + weightDecay * w;
    w -= lr * b;
  }
  return w;
}

function plainAdam(start: number): number {
  let [w, m, v, largest] = [start, 0, 0, 0];
  factors.forEach((factor, i) => {
    const g = 2 * factor * w + weightDecay * w;
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    largest = Math.max(largest, v);
    w -= ((lr / (1 - 0.9 ** (i + 1))) * m) / (Math.sqrt(largest / (1 - 0.999 ** (i + 1))) + 1e-8);
  });
  return w;
}

function plainAdamW(start: number): number {
  let [w, m, v] = [start, 0, 0];
  factors.forEach((factor, i) => {
    const g = 2 * factor * w;
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    w *= 1 - lr * weightDecay;
    w -= ((lr / (1 - 0.9 ** (i + 1))) * m) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8);
  });
  return w;
}

/** The native passes and libtorch's operators do the same in the same order; a division may be rounded otherwise. */
const fusedTolerance = 1e-6;

function expectSame(ours: readonly Tensor[], theirs: readonly Tensor[]): void {
  for (const [k, x] of ours.entries()) {
    const [a, b] = [x.toFloat32Array(), theirs[k]!.toFloat32Array()];
    const errors = a.map((value, i) => Math.abs(value - b[i]!) / (1 + Math.abs(b[i]!)));
    expect(errors.findIndex((error) => !(error < fusedTolerance))).toBe(-1);
  }
}

/** Ours, and libtorch's own where it has one for the CPU. */
const sgdSteps = {
  ours: sgdStep,
  "libtorch's": operatorRunsOn("aten::_fused_sgd_", "cpu") ? sgdStepOfLibtorch : undefined,
};
const adamSteps = {
  ours: adamStep,
  "libtorch's": operatorRunsOn("aten::_fused_adam_", "cpu") ? adamStepOfLibtorch : undefined,
};

describe.each(["ours", "libtorch's"] as const)(
  "one pass over all parameters against operators on lists, %s",
  (whose) => {
    const shapes = [[3, 5, 3, 3], [1], [70_001]];
    const copies = (x: readonly Tensor[]) => x.map((each) => clone(each));

    it.skipIf(sgdSteps[whose] === undefined).each([
      { momentum: 0, weightDecay: 0 },
      { momentum: 0, weightDecay },
      { momentum: 0.9, weightDecay },
    ])("SGD %o", (settings) => {
      scope("sgd", () => {
        const values = shapes.map((shape, k) => randn(shape, k));
        const gradients = shapes.map((shape, k) => randn(shape, 10 + k));
        const velocities = settings.momentum === 0 ? [] : shapes.map((shape, k) => randn(shape, 20 + k));
        const [other, otherVelocities] = [copies(values), copies(velocities)];
        sgdSteps[whose]!(values, gradients, velocities, { lr, ...settings });
        sgdStepReference(other, gradients, otherVelocities, { lr, ...settings });
        expectSame([...values, ...velocities], [...other, ...otherVelocities]);
      });
    });

    it.skipIf(adamSteps[whose] === undefined).each([
      { weightDecay: 0, kept: 1, amsgrad: true },
      { weightDecay, kept: 1, amsgrad: true },
      { weightDecay: 0, kept: 0.99, amsgrad: false },
    ])("Adam %o", ({ amsgrad, ...decay }) => {
      scope("adam", () => {
        const values = shapes.map((shape, k) => randn(shape, k));
        const gradients = shapes.map((shape, k) => randn(shape, 10 + k));
        const state = () => ({
          mean: shapes.map((shape, k) => randn(shape, 20 + k)),
          square: shapes.map((shape, k) => rand(shape, 30 + k)),
          largest: amsgrad ? shapes.map((shape, k) => rand(shape, 40 + k)) : [],
        });
        const [other, ours, theirs] = [copies(values), state(), state()];
        const settings = { lr: 0.01, k: 7, ...decay };
        adamSteps[whose]!(values, gradients, ours, settings);
        adamStepReference(other, gradients, theirs, settings);
        expectSame(
          [values, ours.mean, ours.square, ours.largest].flat(),
          [other, theirs.mean, theirs.square, theirs.largest].flat(),
        );
      });
    });
  },
);

describe("native updates", () => {
  it("takes weights in channels-last memory, whatever the gradients' is", () => {
    scope("layout", () => {
      const value = channelsLast(randn([4, 3, 3, 3], 1));
      const other = clone(value);
      const [gradient, velocity] = [randn([4, 3, 3, 3], 2), channelsLast(randn([4, 3, 3, 3], 3))];
      const otherVelocity = clone(velocity);
      const settings = { lr, momentum: 0.9, weightDecay };
      sgdStep([value], [gradient], [velocity], settings);
      sgdStepReference([other], [gradient], [otherVelocity], settings);
      expectSame([value, velocity], [other, otherVelocity]);
    });
  });

  it("refuses states of other shapes", () => {
    scope("wrong", () => {
      const settings = { lr, momentum: 0.9, weightDecay };
      expect(() => sgdStep([randn([3], 1)], [randn([4], 1)], [randn([3], 1)], settings)).toThrow(
        /gradients: expected/,
      );
    });
  });

  it("refuse before the first parameter is changed, not halfway", () => {
    scope("wrong", () => {
      const values = [ones([3]), ones([2, 2])];
      const gradients = [ones([3]), ones([2, 2])];
      const strided = call("aten::transpose.int", [ones([2, 2]), 0, 1]);
      const settings = { lr, momentum: 0.9, weightDecay };
      expect(() => sgdStep(values, gradients, [zeros([3]), strided], settings)).toThrow(
        /velocities: expected dense/,
      );
      expect(() => sgdStep(values, gradients, [zeros([3]), values[1]!], settings)).toThrow(
        /memory of its own/,
      );
      expect(() => sgdStep(values, gradients, [], { ...settings, lr: Number.NaN })).toThrow(/velocities/);
      expect(() => sgdStep(values, gradients, [], { ...settings, momentum: 0, lr: Number.NaN })).toThrow(
        /lr: expected/,
      );
      const state = {
        mean: [zeros([3]), strided],
        square: gradients.map(clone),
        largest: gradients.map(clone),
      };
      const factors = { lr: 0.1, k: 1, weightDecay, kept: 1 };
      expect(() => adamStep(values, gradients, state, factors)).toThrow(/means: expected dense/);
      const sound = { ...state, mean: values.map(zerosLike) };
      expect(() => adamStep(values, gradients, sound, { ...factors, kept: Number.NaN })).toThrow(/kept/);
      expect(() => adamStep(values, gradients, { ...sound, largest: [ones([3])] }, factors)).toThrow(
        /largest/,
      );
      expect(values.flatMap((value) => value.toNumbers())).toEqual(Array(7).fill(1));
    });
  });
});

const cases = [
  { name: "SGD", create: () => new Sgd(weights, { lr, weightDecay }), plain: (w: number) => plainSgd(w, 0) },
  {
    name: "SGD with momentum",
    create: () => new Sgd(weights, { lr, momentum: 0.9, weightDecay }),
    plain: (w: number) => plainSgd(w, 0.9),
  },
  { name: "Adam with AMSGrad", create: () => new Adam(weights, { lr, weightDecay }), plain: plainAdam },
  { name: "AdamW", create: () => new AdamW(weights, { lr, weightDecay }), plain: plainAdamW },
];

describe.each(cases)("$name", ({ create, plain }) => {
  it("follows its equations and leaves parameters without gradient alone", () => {
    using optimizer = create();
    for (const factor of factors) step(optimizer, factor);
    const ours = [...valuesOf("a"), ...valuesOf("b.c")];
    [1, -2, 0.5].map(plain).forEach((value, i) => {
      expect(Math.abs(ours[i]! - value)).toBeLessThan(tolerance * Math.max(1, Math.abs(value)));
    });
    expect(valuesOf("unused")).toEqual([7]);
  });

  it("goes on from a saved state to the same bits as without the break", () => {
    using through = create();
    for (const factor of factors) step(through, factor);
    const expected = valuesOf("a");

    for (const [name, start] of Object.entries({ a: [1, -2], "b.c": [0.5] })) {
      weights.get(name)!.dispose();
      weights.set(name, parameter(start));
    }
    using before = create();
    for (const factor of factors.slice(0, 2)) step(before, factor);
    using after = create();
    const saved = [...before.state()].map(([key, t]) => [key, tensorFrom(t.toArray(), t.shape)] as const);
    after.loadState(new Map(saved), before.steps);
    for (const factor of factors.slice(2)) step(after, factor);
    expect(valuesOf("a")).toEqual(expected);
  });
});

describe("loadState", () => {
  it("refuses a state of another shape or of no parameter", () => {
    using optimizer = new Sgd(weights, { lr, momentum: 0.9 });
    using wrong = tensorFrom(new Float32Array(3), [3]);
    expect(() => optimizer.loadState(new Map([["momentum.a", wrong]]), 1)).toThrow(ShapeError);
    expect(() => optimizer.loadState(new Map([["momentum.z", wrong]]), 1)).toThrow(/no such parameter/);
  });
});

describe("PyTorch 2.13", () => {
  const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 6));

  it("does the same as AdamW", () => {
    using optimizer = new AdamW(weights, { lr, weightDecay });
    for (const factor of factors) step(optimizer, factor);
    expect(valuesOf("a")).toEqual(near([0.7392341900910383, -1.7376163449691573]));
    expect(valuesOf("b.c")).toEqual(near([0.2368781791458362]));
  });

  it("does the same as AdamW whose second group does not decay", () => {
    using optimizer = new AdamW(weights, { lr, weightDecay: 0.5, decays: (name) => name === "a" });
    for (const factor of factors) step(optimizer, factor);
    expect(valuesOf("a")).toEqual(near([0.5763877102197953, -1.3929515348468093]));
    expect(valuesOf("b.c")).toEqual(near([0.2384676118089069]));
  });

  it("does the same as Adam with AMSGrad", () => {
    using optimizer = new Adam(weights, { lr, weightDecay });
    for (const factor of factors) step(optimizer, factor);
    expect(valuesOf("a")).toEqual(near([0.7418248848756168, -1.7441735732703507]));
    expect(valuesOf("b.c")).toEqual(near([0.2375358339825941]));
  });
});

describe("clipGradients", () => {
  /** Gradients [3, −4] and [12, 1, 2, −5], which are √199 long together. */
  function clipped(norm: number): { before: number; gradients: number[][] } {
    const gradients = [
      [3, -4],
      [12, 1, 2, -5],
    ];
    const named = new Map(gradients.map((values, k) => [`${k}`, parameter(values.map(() => 0))] as const));
    using optimizer = new Sgd(named, { lr });
    scope("loss", () => {
      for (const [k, weight] of named) {
        sum(mul(weight, tensorFrom(Float32Array.from(gradients[+k]!), weight.shape))).backward();
      }
    });
    try {
      const before = optimizer.clipGradients(norm);
      const all = scope("gradients", () => [...named.values()].map(({ grad }) => grad!.toNumbers()));
      return { before, gradients: all };
    } finally {
      for (const weight of named.values()) weight.dispose();
    }
  }
  const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5));

  it("does the same as PyTorch 2.13's clip_grad_norm_", () => {
    const { before, gradients } = clipped(5);
    expect(before).toBeCloseTo(14.106735979665885, 12);
    expect(gradients[0]).toEqual(near([1.0633217321356248, -1.4177623095141665]));
    expect(gradients[1]).toEqual(
      near([4.253286928542499, 0.3544405773785416, 0.7088811547570832, -1.7722028868927082]),
    );
  });

  it("leaves shorter gradients as they are, to the bit", () => {
    expect(clipped(14.2).gradients).toEqual([
      [3, -4],
      [12, 1, 2, -5],
    ]);
  });

  it("leaves parameters without a gradient alone, and none at all", () => {
    using optimizer = new Sgd(weights, { lr });
    expect(optimizer.clipGradients(1)).toBe(0);
  });

  it("refuses gradients that are not finite, and a norm of 0", () => {
    using optimizer = new Sgd(weights, { lr });
    scope("loss", () => sum(mul(weights.get("a")!, Number.POSITIVE_INFINITY)).backward());
    expect(() => optimizer.clipGradients(1)).toThrow(DivergenceError);
    expect(() => optimizer.clipGradients(0)).toThrow(OptionError);
  });

  it("sums squares as libtorch does, in any memory order and of any length", () => {
    scope("norms", () => {
      const strided = call("aten::transpose.int", [randn([5, 7], 2), 0, 1]);
      const all = [randn([70_001], 1), strided, channelsLast(randn([4, 3, 3, 3], 3)), ones([]), zeros([0])];
      const [ours, theirs] = [squaredNorm(all), squaredNormReference(all)];
      expect(ours / theirs).toBeCloseTo(1, 6);
      const gaps = call("aten::slice.Tensor", [ones([10, 4]), 1, 0, 1, 1]);
      expect(squaredNorm([gaps])).toBe(10);
    });
  });
});
