import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  call,
  channelsLast,
  clone,
  keep,
  liveTensors,
  mul,
  ones,
  rand,
  randn,
  scope,
  sum,
  type Tensor,
  tensorFrom,
  zeros,
} from "../../engine/index.js";
import { ShapeError } from "../../errors.js";
import { Adam, adamStep, adamStepReference } from "./adam.js";
import type { Optimizer } from "./optimizer.js";
import { Sgd, sgdStep, sgdStepReference } from "./sgd.js";

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

/** The native passes and libtorch's operators do the same in the same order; a division may be rounded otherwise. */
const fusedTolerance = 1e-6;

function expectSame(ours: readonly Tensor[], theirs: readonly Tensor[]): void {
  for (const [k, x] of ours.entries()) {
    const [a, b] = [x.toFloat32Array(), theirs[k]!.toFloat32Array()];
    const errors = a.map((value, i) => Math.abs(value - b[i]!) / (1 + Math.abs(b[i]!)));
    expect(errors.findIndex((error) => !(error < fusedTolerance))).toBe(-1);
  }
}

describe("native updates against libtorch's operators", () => {
  const shapes = [[3, 5, 3, 3], [1], [70_001]];
  const copies = (x: readonly Tensor[]) => x.map((each) => clone(each));

  it.each([
    { momentum: 0, weightDecay: 0 },
    { momentum: 0, weightDecay },
    { momentum: 0.9, weightDecay },
  ])("SGD %o", (settings) => {
    scope("sgd", () => {
      const values = shapes.map((shape, k) => randn(shape, k));
      const gradients = shapes.map((shape, k) => randn(shape, 10 + k));
      const velocities = settings.momentum === 0 ? [] : shapes.map((shape, k) => randn(shape, 20 + k));
      const [other, otherVelocities] = [copies(values), copies(velocities)];
      sgdStep(values, gradients, velocities, { lr, ...settings });
      sgdStepReference(other, gradients, otherVelocities, { lr, ...settings });
      expectSame([...values, ...velocities], [...other, ...otherVelocities]);
    });
  });

  it.each([0, weightDecay])("Adam, weight decay %d", (decay) => {
    scope("adam", () => {
      const values = shapes.map((shape, k) => randn(shape, k));
      const gradients = shapes.map((shape, k) => randn(shape, 10 + k));
      const state = () => ({
        mean: shapes.map((shape, k) => randn(shape, 20 + k)),
        square: shapes.map((shape, k) => rand(shape, 30 + k)),
        largest: shapes.map((shape, k) => rand(shape, 40 + k)),
      });
      const [other, ours, theirs] = [copies(values), state(), state()];
      const settings = { step: 0.01, correction: 0.3, weightDecay: decay };
      adamStep(values, gradients, ours, settings);
      adamStepReference(other, gradients, theirs, settings);
      expectSame(
        [values, ours.mean, ours.square, ours.largest].flat(),
        [other, theirs.mean, theirs.square, theirs.largest].flat(),
      );
    });
  });

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
      const factors = { step: 0.1, correction: 1, weightDecay };
      expect(() => adamStep(values, gradients, state, factors)).toThrow(/means: expected dense/);
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
