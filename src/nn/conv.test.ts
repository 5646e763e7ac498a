import { describe, expect, it } from "vitest";
import { cosine } from "../../tests/cosine.js";
import {
  channelsLast,
  conv2d,
  liveTensors,
  mul,
  randn,
  sameConv2d,
  scope,
  sum,
  type Tensor,
} from "../engine/index.js";
import { tapsInside } from "./atrous-taps.js";
import { Conv2d } from "./index.js";

/** Sums of hundreds of products in another order, relative to the largest result. */
const SUM_ORDER_TOLERANCE = 1e-5;
/** Factors of 8 significant bits, and a result rounded once per tap. */
const HALF_TOLERANCE = 2e-2;
const HALF_COSINE = 0.9999;

function expectClose(ours: Tensor, theirs: Tensor, tolerance: number): void {
  expectNear(ours.toFloat32Array(), theirs.toFloat32Array(), tolerance);
}

function expectNear(a: Float32Array, b: Float32Array, tolerance = SUM_ORDER_TOLERANCE): void {
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
  it.each([
    ["xavier", 1, 2 * Math.sqrt(6 / (9 * 8 + 9 * 16))],
    ["xavier", 8, 2 * Math.sqrt(6 / (9 + 9 * 2))],
    ["glorot", 1, Math.sqrt(6 / (9 * 8 + 9 * 16))],
    // torch.nn.init.xavier_uniform_ knows nothing of groups
    ["glorot", 8, Math.sqrt(6 / (9 + 9 * 16))],
  ] as const)("begins with %s weights of %i groups within ±%f", (init, groups, bound) => {
    using conv = new Conv2d({ inputs: 8, outputs: 16, kernelSize: 3, groups, init, seed: 3, device: "cpu" });
    const largest = Math.max(...conv.weight.toFloat32Array().map(Math.abs));
    expect(largest).toBeLessThanOrEqual(bound * (1 + 1e-6));
    expect(largest).toBeGreaterThan(0.95 * bound);
  });

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

/** y = w * x by its definition, and what gradient g of y makes of x and w; `[N, C, H, W]` each. */
function plainConvolution(
  { x, w, g }: { x: Float32Array; w: Float32Array; g: Float32Array },
  {
    batch,
    inputs,
    outputs,
    size: [height, width],
    ...window
  }: {
    batch: number;
    inputs: number;
    outputs: number;
    size: readonly [number, number];
    kernelSize: number;
    stride: number;
    dilation: number;
    groups: number;
  },
) {
  const { kernelSize, stride, dilation, groups } = window;
  const [rows, columns] = [Math.ceil(height / stride), Math.ceil(width / stride)];
  const reach = ((kernelSize - 1) / 2) * dilation;
  const y = new Float32Array(batch * outputs * rows * columns);
  const [gx, gw] = [new Float32Array(x.length), new Float32Array(w.length)];
  const perGroup = inputs / groups;
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < outputs; o++)
      for (let c = 0; c < perGroup; c++)
        for (let row = 0; row < rows; row++)
          for (let column = 0; column < columns; column++)
            for (let tap = 0; tap < kernelSize ** 2; tap++) {
              const [i, j] = [Math.floor(tap / kernelSize), tap % kernelSize];
              const [r, k] = [row * stride + i * dilation - reach, column * stride + j * dilation - reach];
              if (r < 0 || r >= height || k < 0 || k >= width) continue;
              const input = Math.floor(o / (outputs / groups)) * perGroup + c;
              const from = ((n * inputs + input) * height + r) * width + k;
              const to = ((n * outputs + o) * rows + row) * columns + column;
              const weight = (o * perGroup + c) * kernelSize ** 2 + tap;
              y[to]! += w[weight]! * x[from]!;
              gx[from]! += w[weight]! * g[to]!;
              gw[weight]! += x[from]! * g[to]!;
            }
  return [y, gx, gw] as const;
}

describe("a convolution with strides or groups", () => {
  it.each([
    { inputs: 4, outputs: 6, kernelSize: 3, stride: 2, dilation: 1, groups: 1 },
    { inputs: 4, outputs: 6, kernelSize: 5, stride: 2, dilation: 2, groups: 2 },
    { inputs: 20, outputs: 20, kernelSize: 3, stride: 1, dilation: 1, groups: 20 },
    { inputs: 20, outputs: 20, kernelSize: 3, stride: 1, dilation: 4, groups: 20 },
    { inputs: 17, outputs: 17, kernelSize: 5, stride: 1, dilation: 16, groups: 17 },
    { inputs: 20, outputs: 20, kernelSize: 3, stride: 2, dilation: 2, groups: 20 },
  ])("is what its definition says, forward and backward: %o", (shape) => {
    const { inputs, outputs, stride } = shape;
    for (const size of [
      [7, 10],
      [9, 4],
    ] as const) {
      for (const layout of [channelsLast, (x: Tensor) => x]) {
        scope("compare", () => {
          using conv = new Conv2d({ ...shape, init: "kaiming", seed: 1, device: "cpu" });
          const x = layout(randn([2, inputs, ...size], 2)).setRequiresGrad(true);
          const y = conv.forward(x);
          expect(y.shape).toEqual([2, outputs, ...size.map((side) => Math.ceil(side / stride))]);
          const g = randn(y.shape, 3);
          sum(mul(y, g)).backward();
          const values = { x: x.toFloat32Array(), w: conv.weight.toFloat32Array(), g: g.toFloat32Array() };
          const expected = plainConvolution(values, { ...shape, batch: 2, size });
          for (const [i, tensor] of [y, x.grad!, conv.weight.grad!].entries()) {
            expectNear(tensor.toFloat32Array(), expected[i]!);
          }
        });
      }
    }
  });

  it("is refused where groups do not divide the channels", () => {
    const settings = {
      inputs: 4,
      outputs: 6,
      kernelSize: 3,
      init: "xavier",
      seed: 1,
      device: "cpu",
    } as const;
    expect(() => new Conv2d({ ...settings, groups: 4 })).toThrow("groups to be a divisor of 4 inputs and 6");
    expect(() => new Conv2d({ ...settings, stride: 0 })).toThrow("stride");
  });
});
