import { describe, expect, it } from "vitest";
import { NativeError, OptionError, ShapeError, SnnsegError } from "../../errors.js";
import {
  avgPool2d,
  conv2d,
  convTranspose2d,
  depthwiseConv2d,
  ones,
  sameConv2d,
  scope,
  sum,
} from "../index.js";

const bad = [2 ** 31, 2 ** 40, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY];

describe("windows", () => {
  it("are refused where a number is no size or leaves 32 bits", () => {
    scope("test", () => {
      const [image, kernel] = [ones([1, 1, 5, 6]), ones([1, 1, 5, 5])];
      for (const value of bad) {
        expect(() => sameConv2d(image, kernel, { dilation: value })).toThrow(OptionError);
        expect(() => depthwiseConv2d(image, kernel, { dilation: value })).toThrow(OptionError);
        expect(() => depthwiseConv2d(image, kernel, { stride: value })).toThrow(OptionError);
        expect(() => conv2d(image, kernel, { groups: value })).toThrow(/groups to be an integer from 1/);
        for (const name of ["dilation", "stride", "padding"]) {
          const wrong = new RegExp(`expected ${name} to be an integer from [01] to 2147483647`);
          expect(() => conv2d(image, kernel, { [name]: value }), `${name} ${value}`).toThrow(wrong);
          expect(() => convTranspose2d(image, kernel, { [name]: value })).toThrow(wrong);
        }
        expect(() => avgPool2d(image, { kernelSize: value, stride: 1, padding: 0 })).toThrow(OptionError);
      }
      expect(() => sameConv2d(image, kernel, { dilation: 2 ** 30 })).toThrow(/within 2\^31 pixels/);
      expect(() => conv2d(image, ones([5]))).toThrow(ShapeError);
    });
  });

  it("give a result or an error at every size below that", () => {
    scope("test", () => {
      const [image, kernel] = [ones([1, 1, 5, 6]), ones([1, 1, 5, 5])];
      for (let power = 0; power <= 31; power++) {
        const value = 2 ** power;
        const results = [
          () => conv2d(image, kernel, { dilation: value }),
          () => conv2d(image, kernel, { padding: 4, stride: value }),
          () => depthwiseConv2d(image, kernel, { dilation: value, stride: value }),
          () => convTranspose2d(image, ones([1, 1, 1, 1]), { padding: value }),
        ];
        for (const result of results) expect(orError(result)).toBeDefined();
        // All taps but the middle one read padding.
        if (value >= 8 && value < 2 ** 28) {
          expect(sum(sameConv2d(image, kernel, { dilation: value })).item(), `dilation ${value}`).toBe(30);
          expect(sum(sameConv2d(image, kernel, { dilation: value, byTaps: true })).item()).toBe(30);
          expect(sum(depthwiseConv2d(image, kernel, { dilation: value })).item()).toBe(30);
        }
      }
    });
  });

  it("of a transposed convolution have the dilation that was asked for", () => {
    scope("test", () => {
      const y = convTranspose2d(ones([1, 1, 2, 2]), ones([1, 1, 3, 3]), { dilation: 2 });
      expect(y.shape).toEqual([1, 1, 6, 6]);
    });
  });
});

function orError(body: () => unknown): unknown {
  try {
    return body();
  } catch (error) {
    if (error instanceof SnnsegError || error instanceof NativeError) return error;
    throw error;
  }
}
