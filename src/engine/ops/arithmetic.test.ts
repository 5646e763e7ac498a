import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import {
  add,
  clamp,
  div,
  dropout,
  eq,
  exp,
  ge,
  gt,
  le,
  liveTensors,
  log,
  logSoftmax,
  lt,
  maxPool2d,
  mean,
  mul,
  oneHot,
  pow,
  scope,
  sigmoid,
  softmax,
  sub,
  sum,
  type Tensor,
  tanh,
  tensorFrom,
  toDType,
  where,
} from "../index.js";

const numbers = [-1.5, -0.25, 0.5, 2];
const make = () => tensorFrom(Float32Array.from(numbers), [4]);

describe("operators element by element", () => {
  it.each<[string, (x: Tensor) => Tensor, (x: number) => number]>([
    ["add, number on the left", (x) => add(3, x, 2), (x) => 3 + 2 * x],
    ["add, number on the right", (x) => add(x, 3, 2), (x) => x + 6],
    ["sub, number on the left", (x) => sub(3, x, 2), (x) => 3 - 2 * x],
    ["sub, number on the right", (x) => sub(x, 3, 2), (x) => x - 6],
    ["mul, number on the left", (x) => mul(3, x), (x) => 3 * x],
    ["div, number on the left", (x) => div(3, x), (x) => 3 / x],
    ["gt, number on the left", (x) => gt(0.5, x), (x) => Number(0.5 > x)],
    ["lt, number on the left", (x) => lt(0.5, x), (x) => Number(0.5 < x)],
    ["le, number on the left", (x) => le(0.5, x), (x) => Number(0.5 <= x)],
    ["ge, number on the left", (x) => ge(0.5, x), (x) => Number(0.5 >= x)],
    ["ge, number on the right", (x) => ge(x, 0.5), (x) => Number(x >= 0.5)],
    ["eq", (x) => eq(0.5, x), (x) => Number(x === 0.5)],
    ["exp", exp, Math.exp],
    ["log", log, Math.log],
    ["pow", (x) => pow(x, 3), (x) => x ** 3],
    ["sigmoid", sigmoid, (x) => 1 / (1 + Math.exp(-x))],
    ["tanh", tanh, Math.tanh],
    ["clamp", (x) => clamp(x, { least: -1, most: 1 }), (x) => Math.max(-1, Math.min(1, x))],
    ["clamp, one side", (x) => clamp(x, { most: 0 }), (x) => Math.min(0, x)],
    ["where, numbers and tensors", (x) => where(gt(x, 0), x, -7), (x) => (x > 0 ? x : -7)],
    ["where, the other way", (x) => where(gt(x, 0), -7, x), (x) => (x > 0 ? -7 : x)],
  ])("%s", (_, run, expected) => {
    const before = liveTensors();
    scope("test", () => {
      const found = run(make()).toNumbers();
      for (const [i, x] of numbers.entries()) {
        if (Number.isNaN(expected(x))) expect(found[i]).toBeNaN();
        else expect(found[i]).toBeCloseTo(expected(x), 5);
      }
    });
    expect(liveTensors()).toBe(before);
  });

  it("has the gradients of numbers on the left", () => {
    scope("test", () => {
      const x = make().setRequiresGrad(true);
      sum(div(3, x)).backward();
      for (const [i, slope] of x.grad!.toNumbers().entries())
        expect(slope).toBeCloseTo(-3 / numbers[i]! ** 2, 4);
    });
  });

  it("refuses two numbers, and bounds that are none", () => {
    expect(() => add(1 as unknown as Tensor, 2)).toThrow(/add: expected a tensor among its operands/);
    scope("test", () => {
      expect(() => where(gt(make(), 0), 1, 2)).toThrow(/where: expected a tensor/);
      expect(() => clamp(make(), {})).toThrow(/clamp: expected most to be a finite number/);
      expect(() => clamp(make(), { least: 2, most: 1 })).toThrow(
        /clamp: expected most .* 2 or more, received 1/,
      );
      expect(() => dropout(make(), 1, 0)).toThrow(/dropout: expected probability/);
    });
  });

  it("drops the share that is asked for, the same for the same seed, and keeps the mean", () => {
    scope("test", () => {
      const ones = tensorFrom(new Float32Array(10000).fill(1), [10000]);
      const dropped = dropout(ones, 0.25, 5).toFloat32Array();
      expect(new Set(dropped)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
      expect(dropped.filter((v) => v === 0).length / 10000).toBeCloseTo(0.25, 1);
      expect(dropout(ones, 0.25, 5).toFloat32Array()).toEqual(dropped);
      expect(dropout(ones, 0.25, 6).toFloat32Array()).not.toEqual(dropped);
    });
  });
});

describe("operators of losses", () => {
  it("softmax and its logarithm sum to 1 along the axis", () => {
    scope("test", () => {
      const x = tensorFrom(Float32Array.from([1, 2, 3, -1, 0, 5]), [2, 3]);
      const shares = [1, 2, 3].map((v) => Math.exp(v) / (Math.exp(1) + Math.exp(2) + Math.exp(3)));
      const found = softmax(x, 1).toNumbers();
      for (const [i, share] of shares.entries()) {
        expect(found[i]).toBeCloseTo(share, 5);
        expect(logSoftmax(x, 1).toNumbers()[i]).toBeCloseTo(Math.log(share), 5);
      }
      expect(mean(x, [1]).toNumbers()).toEqual([2, Math.fround(4 / 3)]);
    });
  });

  it("oneHot has the classes last and refuses labels that are none", () => {
    scope("test", () => {
      const labels = toDType(tensorFrom(Float32Array.from([2, 0]), [1, 2]), "int64");
      const hot = oneHot(labels, 3);
      expect(hot.shape).toEqual([1, 2, 3]);
      expect(hot.toNumbers()).toEqual([0, 0, 1, 1, 0, 0]);
      expect(() => oneHot(labels, 2)).toThrow(/smaller than num_classes/);
    });
  });

  it("maxPool2d takes the largest of a window", () => {
    scope("test", () => {
      const x = tensorFrom(Float32Array.from([1, 5, 2, 0, -3, 4, 8, 1]), [1, 1, 2, 4]);
      expect(maxPool2d(x, { kernelSize: 2 }).toNumbers()).toEqual([5, 8]);
      expect(maxPool2d(x, { kernelSize: 3, stride: 1, padding: 1 }).shape).toEqual([1, 1, 2, 4]);
      expect(() => maxPool2d(x, { kernelSize: 0 })).toThrow(/maxPool2d: expected kernelSize/);
    });
  });
});

describe("a tensor in a debugger", () => {
  it("shows dtype, shape and device", () => {
    const x = make();
    expect(inspect(x)).toBe("Tensor float32 [4] cpu");
    expect(`${x}`).toBe("Tensor float32 [4] cpu");
    x.dispose();
    expect(inspect(x)).toBe("Tensor (disposed)");
  });
});
