/** Convolutions of small integers against libtorch's in float64, with the weights as they were rounded. */
import { describe, expect, it } from "vitest";
import { combinations } from "../../tests/combinations.js";
import {
  abs,
  add,
  amax,
  call,
  div,
  full,
  liveTensors,
  mul,
  rand,
  randn,
  reshape,
  scope,
  sub,
  type Tensor,
  tensorFrom,
  toDType,
  zeros,
} from "../engine/index.js";
import { NativeError, OptionError, ShapeError } from "../errors.js";
import {
  fireIntegers,
  integerConv2d,
  integerConvCurrents,
  integerConvJoin,
  packIntegerConv,
} from "./index.js";

const levels = 8;
/** A convolution in float64, and one in float32 with two more roundings, relative to the largest value. */
const tolerance = 4e-7;
/** Nearer than this to a half, rounding may go either way. */
const nearHalf = 1e-4;

/** uint8 `[N, H, W, C]`, 0 to `most`. */
function integersOf(shape: readonly number[], most = levels, seed = 1): Tensor {
  return scope("integers", () => toDType(mul(rand(shape, seed), most + 0.999), "uint8"));
}

const channelsFirst = (x: Tensor) => call("aten::permute", [x, [0, 3, 1, 2]]);
const largest = (x: Tensor) => amax(abs(x)).item();

/** Where and how a case reads. */
interface Case {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly groups: number;
  readonly size: readonly [number, number];
}

const dense: Case[] = combinations({
  channels: [
    [3, 5],
    [64, 33],
    [18, 64],
    [130, 16],
  ] as const,
  kernel: [1, 3, 5],
  stride: [1, 2],
  dilation: [1, 4],
}).map(({ channels: [inputs, outputs], ...rest }) => ({
  inputs,
  outputs,
  groups: 1,
  size: [7, 11],
  ...rest,
}));
const depthwise: Case[] = combinations({
  channels: [2, 16, 37, 64],
  kernel: [3, 5],
  stride: [1, 2],
  dilation: [1, 2, 12],
}).map(({ channels, ...rest }) => ({
  ...{ inputs: channels, outputs: channels, groups: channels, size: [9, 8] },
  ...rest,
}));

/** The same in float64: y `[N, O, H', W']`. */
function reference(
  x: Tensor,
  weight: Tensor,
  step: Tensor,
  c: Case,
  affine: { scale: Tensor; shift: Tensor },
) {
  const column = (each: Tensor) => reshape(toDType(each, "float64"), [-1, 1, 1, 1]);
  const q = call("aten::round", [div(toDType(weight, "float64"), column(step))]);
  const padding = (c.dilation * (c.kernel - 1)) / 2;
  const map = channelsFirst(toDType(x, "float64"));
  const sums = call("aten::conv2d", [
    ...[map, q, null, [c.stride, c.stride], [padding, padding], [c.dilation, c.dilation]],
    c.groups,
  ]);
  const row = (each: Tensor) => reshape(toDType(each, "float64"), [1, -1, 1, 1]);
  return add(mul(sums, row(affine.scale)), row(affine.shift));
}

/** Integers equal those that float64 rounds to, save where it lies beside a half. */
function expectLevels(integers: Tensor, y: Tensor, most: number): void {
  const ours = integers.toNumbers();
  const theirs = call("aten::contiguous", [call("aten::permute", [y, [0, 2, 3, 1]])]).toNumbers();
  expect(ours.length).toBe(theirs.length);
  const wrong = ours.filter((k, i) => {
    const value = theirs[i]!;
    const beside = Math.abs(value - Math.floor(value) - 0.5) < nearHalf;
    const expected = Math.min(Math.max(Math.round(value), 0), most);
    return beside ? Math.abs(k - Math.min(Math.max(value, 0), most)) > 0.51 : k !== expected;
  });
  expect(wrong).toEqual([]);
}

describe("integer convolutions equal libtorch's", () => {
  it.each([...dense, ...depthwise])(
    "$inputs → $outputs, kernel $kernel, stride $stride, dilation $dilation, groups $groups",
    (c) => {
      scope("compare", () => {
        const x = integersOf([2, ...c.size, c.inputs]);
        const weight = randn([c.outputs, c.inputs / c.groups, c.kernel, c.kernel], 2);
        const weights = packIntegerConv(weight, { groups: c.groups });
        const products = (c.inputs / c.groups) * c.kernel ** 2;
        const scale = mul(weights.step, add(mul(rand([c.outputs], 3), 0.5), 0.5 / Math.sqrt(products)));
        const shift = randn([c.outputs], 4);
        const where = { stride: c.stride, dilation: c.dilation, scale, shift };
        const y = reference(x, weight, weights.step, c, { scale, shift });
        const ours = integerConvCurrents(x, weights, where);
        expect(ours.shape).toEqual(y.shape);
        expect(largest(sub(toDType(ours, "float64"), y))).toBeLessThan(tolerance * largest(y));
        expectLevels(integerConv2d(x, weights, { ...where, levels }), y, levels);
        const residual = randn(y.shape, 5);
        const threshold = add(rand([c.outputs], 6), 0.5);
        const joined = integerConvJoin(x, weights, { ...where, residual, threshold, levels });
        const sum = add(toDType(residual, "float64"), y);
        expect(largest(sub(toDType(joined.sum, "float64"), sum))).toBeLessThan(tolerance * largest(sum));
        expect(fireIntegers(joined.sum, { threshold, levels }).toNumbers()).toEqual(
          joined.integers.toNumbers(),
        );
        expectLevels(
          joined.integers,
          div(sum, reshape(toDType(threshold, "float64"), [1, -1, 1, 1])),
          levels,
        );
      });
    },
  );

  it("rounds weights to at most half a step, the largest to 127", () => {
    scope("test", () => {
      const weight = randn([17, 9, 3, 3], 1);
      const { packed, step } = packIntegerConv(weight, { groups: 1 });
      const q = packed.toNumbers();
      expect(packed.shape).toEqual([2, 9, 3, 16, 4]);
      expect(Math.max(...q.map(Math.abs))).toBe(127);
      const w = weight.toNumbers();
      const steps = step.toNumbers();
      for (let i = 0; i < w.length; i++) {
        const [o, input, tap] = [Math.floor(i / 81), Math.floor(i / 9) % 9, i % 9];
        const at =
          ((Math.floor(o / 16) * 9 + tap) * 3 + Math.floor(input / 4)) * 64 + (o % 16) * 4 + (input % 4);
        expect(Math.abs(w[i]! - q[at]! * steps[o]!)).toBeLessThanOrEqual(0.5001 * steps[o]!);
      }
    });
  });

  it("gives channels whose weights are all 0 the shift", () => {
    scope("test", () => {
      const weights = packIntegerConv(zeros([3, 8, 3, 3]), { groups: 1 });
      const shift = tensorFrom(Float32Array.of(0, 2, -1), [3]);
      const y = integerConv2d(integersOf([1, 2, 2, 8]), weights, { scale: weights.step, shift, levels });
      expect(y.toNumbers()).toEqual([0, 2, 0, 0, 2, 0, 0, 2, 0, 0, 2, 0]);
    });
  });

  it("takes no images", () => {
    scope("test", () => {
      const weights = packIntegerConv(rand([4, 8, 1, 1], 1), { groups: 1 });
      const none = integersOf([0, 3, 5, 8]);
      const y = integerConv2d(none, weights, { scale: weights.step, shift: zeros([4]), levels, stride: 2 });
      expect(y.shape).toEqual([0, 2, 3, 4]);
    });
  });
});

describe("integer neurons", () => {
  it("round to nearest, halves up, between 0 and D", () => {
    scope("test", () => {
      const v = tensorFrom(Float32Array.of(-1, 0.25, 0.75, 1.25, 0.2, 2.1, 9, Number.NaN), [1, 1, 2, 4]);
      const fired = fireIntegers(v, { threshold: full([1], 0.5), levels: 4 });
      expect(fired.shape).toEqual([1, 2, 4, 1]);
      expect(fired.toNumbers()).toEqual([0, 1, 2, 3, 0, 4, 4, 0]);
    });
  });

  it("have a threshold a channel, and take memory of any order", () => {
    scope("test", () => {
      const v = randn([2, 19, 3, 5], 1);
      const threshold = add(rand([19], 2), 0.1);
      const expected = div(v, reshape(threshold, [1, -1, 1, 1]));
      const clipped = call("aten::clamp", [expected, 0, levels]);
      const rounded = call("aten::floor", [add(clipped, 0.5)]);
      const wanted = call("aten::contiguous", [call("aten::permute", [rounded, [0, 2, 3, 1]])]).toNumbers();
      expect(fireIntegers(v, { threshold, levels }).toNumbers()).toEqual(wanted);
      const turned = call("aten::permute", [
        call("aten::contiguous", [call("aten::permute", [v, [0, 2, 3, 1]])]),
        [0, 3, 1, 2],
      ]);
      expect(fireIntegers(turned, { threshold, levels }).toNumbers()).toEqual(wanted);
    });
  });
});

describe("what integers cannot compute is refused", () => {
  const refused = (error: new (...args: never[]) => Error, text: string | RegExp, run: () => unknown) => {
    const before = liveTensors();
    scope("test", () => {
      expect(run).toThrow(error);
      expect(run).toThrow(text);
    });
    expect(liveTensors()).toBe(before);
  };
  const where = () => ({ scale: full([4], 1), shift: zeros([4]), levels });
  const weights = () => packIntegerConv(rand([4, 8, 3, 3], 1), { groups: 1 });

  it("integers above 127", () => {
    const x = () => toDType(full([1, 3, 3, 8], 128), "uint8");
    refused(NativeError, "expected integers of 0 to 127, received 128", () =>
      integerConv2d(x(), weights(), where()),
    );
  });
  it("levels beyond 1 to 127", () => {
    for (const wrong of [0, 128, 1.5]) {
      refused(OptionError, "expected levels", () =>
        integerConv2d(integersOf([1, 3, 3, 8]), weights(), { ...where(), levels: wrong }),
      );
      refused(OptionError, "expected levels", () =>
        fireIntegers(rand([1, 2, 3, 3], 1), { threshold: full([1], 1), levels: wrong }),
      );
    }
  });
  it("other channels, shapes and types", () => {
    const conv = (shape: number[]) => integerConv2d(integersOf(shape), weights(), where());
    refused(NativeError, "weight", () => conv([1, 3, 3, 12]));
    refused(NativeError, "x: expected uint8 [N, H, W, C]", () => conv([3, 3, 8]));
    refused(NativeError, "x: expected at least one pixel", () => conv([1, 0, 3, 8]));
    refused(NativeError, "x: expected uint8", () => integerConv2d(rand([1, 3, 3, 8], 1), weights(), where()));
    refused(NativeError, "shift", () =>
      integerConv2d(integersOf([1, 3, 3, 8]), weights(), { ...where(), shift: zeros([5]) }),
    );
    refused(NativeError, "scale", () =>
      integerConv2d(integersOf([1, 3, 3, 8]), weights(), { ...where(), scale: full([4], Number.NaN) }),
    );
    refused(NativeError, "residual", () =>
      integerConvJoin(integersOf([1, 3, 3, 8]), weights(), {
        ...where(),
        ...{ residual: zeros([1, 4, 3, 2]), threshold: full([1], 1) },
      }),
    );
  });
  it("thresholds of 0 or less", () => {
    refused(NativeError, "threshold: expected values above 0", () =>
      fireIntegers(rand([1, 2, 3, 3], 1), { threshold: tensorFrom(Float32Array.of(1, 0), [2]), levels }),
    );
  });
  it("weights that are not finite, even kernels, and groups that are neither 1 nor C", () => {
    refused(OptionError, "finite weights", () =>
      packIntegerConv(full([4, 8, 3, 3], Number.NaN), { groups: 1 }),
    );
    refused(ShapeError, "odd K", () => packIntegerConv(rand([4, 8, 2, 2], 1), { groups: 1 }));
    refused(NativeError, "groups", () => packIntegerConv(rand([4, 4, 3, 3], 1), { groups: 2 }));
  });
});
