import { describe, expect, it } from "vitest";
import { ones, randn, resizeBilinear, sameConv2d, scope, tensorFrom, toDType } from "../index.js";

const image = () => ones([1, 1, 5, 6]);

describe("resizeBilinear", () => {
  it("keeps the outermost centres in place, or the outermost edges", () => {
    scope("test", () => {
      const x = tensorFrom(Float32Array.of(0, 1), [1, 1, 1, 2]);
      const near = (values: number[]) => values.map((value) => expect.closeTo(value, 6));
      expect(resizeBilinear(x, [1, 4]).toNumbers()).toEqual(near([0, 1 / 3, 2 / 3, 1]));
      expect(resizeBilinear(x, [1, 4], false).toNumbers()).toEqual(near([0, 0.25, 0.75, 1]));
    });
  });
});

describe("sameConv2d", () => {
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
    [/k odd/, () => sameConv2d(image(), ones([1, 1, 2, 2]))],
    [/k odd/, () => sameConv2d(image(), ones([1, 1, 0, 0]))],
    [/expected \[N, C, H, W\]/, () => sameConv2d(ones([5, 6]), ones([1, 1, 3, 3]))],
  ])("refuses %s", (reason, run) => {
    scope("test", () => expect(run).toThrow(reason));
  });
});
