/** A function with a gradient of its own: its value is forward's, its gradient backward's. */
import { describe, expect, it } from "vitest";
import { ShapeError } from "../../errors.js";
import { customGradient, gt, mul, noGrad, scope, sum, tensorFrom, toDType } from "../index.js";

describe("customGradient", () => {
  it("gives forward's value and backward's slope, and none where x is infinite", () => {
    scope("test", () => {
      const values = Float32Array.of(-2, -0.5, 0.5, Number.POSITIVE_INFINITY);
      const x = tensorFrom(values, [4]).setRequiresGrad(true);
      const y = customGradient(
        (value) => toDType(gt(value, 0), "float32"),
        (value) => mul(toDType(gt(value, -1), "float32"), 3),
      )(x);
      expect([...y.toFloat32Array()]).toEqual([0, 0, 1, 1]);
      sum(mul(y, tensorFrom(Float32Array.of(1, 2, 3, 4), [4]))).backward();
      expect([...x.grad!.toFloat32Array()]).toEqual([0, 6, 9, 0]);
    });
  });

  it("asks for no slope where nobody wants gradients", () => {
    scope("test", () => {
      const backward = () => {
        throw new Error("asked");
      };
      const x = tensorFrom(Float32Array.of(1), [1]);
      expect(customGradient((value) => mul(value, 2), backward)(x).item()).toBe(2);
      expect(noGrad(() => customGradient((value) => mul(value, 2), backward)(x)).item()).toBe(2);
    });
  });

  it("refuses a slope of another shape", () => {
    scope("test", () => {
      const x = tensorFrom(Float32Array.of(1, 2), [2]).setRequiresGrad(true);
      expect(() => customGradient((value) => value, sum)(x)).toThrow(ShapeError);
      expect(() => customGradient(sum, (value) => value)(x)).toThrow("forward to give [2], received []");
    });
  });
});
