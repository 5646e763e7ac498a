import { describe, expect, it } from "vitest";
import { OptionError } from "../../errors.js";
import {
  avgPool2d,
  conv2d,
  convTranspose2d,
  ones,
  randn,
  sameConv2d,
  scope,
  sum,
  toDType,
  zeros,
} from "../index.js";

const image = () => ones([1, 1, 5, 6]);

describe("convolutions and pooling", () => {
  it.each<[string, () => unknown]>([
    [
      "conv2d, dilation 2^31",
      () => conv2d(image(), ones([1, 1, 5, 5]), { dilation: 2 ** 31, padding: 2 ** 32 }),
    ],
    ["conv2d, dilation 0", () => conv2d(image(), ones([1, 1, 3, 3]), { dilation: 0 })],
    ["conv2d, stride 2^32", () => conv2d(image(), ones([1, 1, 3, 3]), { stride: 2 ** 32 })],
    ["conv2d, padding 0.5", () => conv2d(image(), ones([1, 1, 3, 3]), { padding: 0.5 })],
    ["convTranspose2d, stride 2^31", () => convTranspose2d(image(), ones([1, 1, 3, 3]), { stride: 2 ** 31 })],
    ["avgPool2d, stride NaN", () => avgPool2d(image(), { kernelSize: 3, stride: Number.NaN, padding: 1 })],
  ])("refuse what libtorch cannot count to: %s", (_name, run) => {
    scope("test", () => expect(run).toThrow(OptionError));
  });

  it("transpose with a dilation", () => {
    scope("test", () => {
      const spread = convTranspose2d(ones([1, 1, 1, 1]), ones([1, 1, 3, 3]), { dilation: 2 });
      expect(spread.shape).toEqual([1, 1, 5, 5]);
      expect(sum(spread).item()).toBe(9);
    });
  });
});

describe("sameConv2d", () => {
  it.each([2 ** 31, 2 ** 53 - 1, 0, -1])("refuses dilation %d", (dilation) => {
    scope("test", () => {
      for (const byTaps of [false, true]) {
        expect(() => sameConv2d(image(), ones([1, 1, 5, 5]), { dilation, byTaps })).toThrow(
          /dilation: expected 1 to 32768/,
        );
      }
    });
  });

  it("reads only the middle where the dilation is larger than the image", () => {
    scope("test", () => {
      const [x, weight] = [randn([1, 2, 5, 6], 1), randn([3, 2, 3, 3], 2)];
      const [whole, byTaps] = [false, true].map((byTaps) =>
        sameConv2d(x, weight, { dilation: 32768, byTaps }),
      );
      const difference = byTaps!
        .toFloat32Array()
        .map((value, i) => Math.abs(value - whole!.toFloat32Array()[i]!));
      expect(Math.max(...difference)).toBeLessThan(1e-5);
    });
  });

  it.each<[RegExp, () => unknown]>([
    [/same kind of floats/, () => sameConv2d(image(), ones([1, 1, 3, 3], { dtype: "float64" }))],
    [
      /same kind of floats/,
      () => sameConv2d(toDType(image(), "int64"), ones([1, 1, 3, 3], { dtype: "int64" })),
    ],
    [/same device/, () => sameConv2d(image(), zeros([1, 1, 3, 3], { device: "meta" }))],
    [/k odd/, () => sameConv2d(image(), ones([1, 1, 2, 2]))],
    [/k odd/, () => sameConv2d(image(), ones([1, 1, 0, 0]))],
    [/expected \[N, C, H, W\]/, () => sameConv2d(ones([5, 6]), ones([1, 1, 3, 3]))],
  ])("refuses %s", (reason, run) => {
    scope("test", () => expect(run).toThrow(reason));
  });
});
