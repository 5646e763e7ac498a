import { describe, expect, it } from "vitest";
import { cosine } from "../../tests/cosine.js";
import { conv2d, liveTensors, mul, randn, sameConv2d, scope, sum, type Tensor } from "../engine/index.js";
import { tapsInside } from "./atrous-taps.js";
import { Conv2d } from "./index.js";

/** Sums of hundreds of products in another order, relative to the largest result. */
const SUM_ORDER_TOLERANCE = 1e-5;
/** Factors of 8 significant bits, and a result rounded once per tap. */
const HALF_TOLERANCE = 2e-2;
const HALF_COSINE = 0.9999;

function expectClose(ours: Tensor, theirs: Tensor, tolerance: number): void {
  const a = ours.toFloat32Array();
  const b = theirs.toFloat32Array();
  const scale = b.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  expect(a.length).toBe(b.length);
  for (const [i, value] of a.entries())
    expect(Math.abs(value - b[i]!)).toBeLessThanOrEqual(tolerance * scale);
}

describe("sameConv2d", () => {
  it.each([
    { size: [16, 16], dilation: 12, kernelSize: 3 },
    { size: [7, 30], dilation: 12, kernelSize: 3 },
    { size: [5, 5], dilation: 12, kernelSize: 3 },
    { size: [9, 8], dilation: 4, kernelSize: 5 },
    { size: [6, 6], dilation: 1, kernelSize: 1 },
  ])("equals conv2d, forward and backward: %o", ({ size, dilation, kernelSize }) => {
    const before = liveTensors();
    scope("compare", () => {
      const run = (convolve: (x: Tensor, w: Tensor) => Tensor) => {
        const x = randn([2, 10, ...size], 1).setRequiresGrad(true);
        const w = randn([6, 10, kernelSize, kernelSize], 2).setRequiresGrad(true);
        const y = convolve(x, w);
        sum(mul(y, randn(y.shape, 3))).backward();
        return [y, x.grad!, w.grad!] as const;
      };
      const padding = (dilation * (kernelSize - 1)) / 2;
      const theirs = run((x, w) => conv2d(x, w, { padding, dilation }));
      for (const byTaps of [false, true]) {
        const ours = run((x, w) => sameConv2d(x, w, { dilation, byTaps }));
        for (const [i, tensor] of ours.entries()) expectClose(tensor, theirs[i]!, SUM_ORDER_TOLERANCE);
        const half = run((x, w) => sameConv2d(x, w, { dilation, byTaps, halfBackward: true }));
        expectClose(half[0], theirs[0], SUM_ORDER_TOLERANCE);
        for (const i of [1, 2] as const) expectClose(half[i], theirs[i], HALF_TOLERANCE);
      }
    });
    expect(liveTensors()).toBe(before);
  });

  // Channels that are no multiple of 16, dilated: libtorch 1.13's own bfloat16 gradient is wrong there.
  it.each([
    [70, 1],
    [70, 2],
    [72, 4],
    [64, 2],
  ])("keeps the direction of the gradients in bfloat16: %i channels, dilation %i", (channels, dilation) => {
    const gradients = (halfBackward: boolean) =>
      scope("gradients", () => {
        const x = randn([3, channels, 12, 12], 1).setRequiresGrad(true);
        const weight = randn([32, channels, 3, 3], 2).setRequiresGrad(true);
        const y = sameConv2d(x, weight, { dilation, byTaps: false, halfBackward });
        sum(mul(y, randn(y.shape, 3))).backward();
        return [x.grad!.toFloat32Array(), weight.grad!.toFloat32Array()] as const;
      });
    const [exact, half] = [gradients(false), gradients(true)];
    for (const [i, values] of exact.entries()) expect(cosine(values, half[i]!)).toBeGreaterThan(HALF_COSINE);
  });

  it("refuses an even kernel", () => {
    scope("wrong", () => {
      expect(() => sameConv2d(randn([1, 1, 4, 4], 1), randn([1, 1, 2, 2], 2))).toThrow(/odd/);
    });
  });
});

describe("tapsInside", () => {
  it("counts taps that read the image", () => {
    expect(tapsInside(16, 16, { kernelSize: 3, dilation: 12 })).toBeCloseTo((24 / 48) ** 2);
    expect(tapsInside(8, 8, { kernelSize: 3, dilation: 12 })).toBeCloseTo(1 / 9);
    expect(tapsInside(8, 8, { kernelSize: 1, dilation: 1 })).toBe(1);
  });
});

describe("Conv2d", () => {
  it("adds its bias whichever way it computes", () => {
    using conv = new Conv2d({
      ...{ inputs: 3, outputs: 4, kernelSize: 3, dilation: 12, bias: true },
      ...{ init: "xavier", seed: 1, device: "cpu" },
    });
    scope("bias", () => {
      conv.bias!.setRequiresGrad(false);
      const x = randn([1, 3, 8, 8], 4);
      const expected = conv2d(x, conv.weight, { padding: 12, dilation: 12, bias: conv.bias });
      expectClose(conv.forward(x), expected, SUM_ORDER_TOLERANCE);
    });
  });
});
