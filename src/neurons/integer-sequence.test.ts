/** Neurons that send integers: the fused operator against its plain twin, plain numbers, and finite differences. */
import { describe, expect, it } from "vitest";
import { difference } from "../../tests/lif-comparison.js";
import { fusesThere, there } from "../../tests/test-device.js";
import { GRADIENT_TOLERANCE } from "../../tests/tolerances.js";
import {
  add,
  full,
  mul,
  narrow,
  rand,
  randn,
  scope,
  select,
  sum,
  type Tensor,
  tensorFrom,
} from "../engine/index.js";
import { type IntegerOptions, integerSequence, lif, neuronSequence } from "./index.js";

const shape = [3, 2, 5, 4, 3];
const drive = (seed: number) => there(mul(add(randn(shape, seed), 0.5), 1.5));

/** The same by libtorch's own operators. */
function twin(current: Tensor, { levels, amplitude = "threshold", ...rest }: IntegerOptions) {
  return neuronSequence(current, {
    ...rest,
    neuron: { name: "twin", charge: lif.charge, levels, amplitude },
  });
}

/** Everything that both ways must agree on. */
function computed(run: typeof integerSequence, options: (seed: number) => IntegerOptions) {
  const current = drive(1).setRequiresGrad(true);
  const given = options(2);
  const result = run(current, given);
  sum(mul(result.spikes, there(randn(shape, 3)))).backward();
  const { threshold } = given;
  const learnt = typeof threshold === "object" && threshold.grad ? [threshold.grad] : [];
  return { result, gradients: [current.grad!, ...learnt] };
}

describe.skipIf(!fusesThere)("integerSequence", () => {
  it.each<[string, (seed: number) => IntegerOptions]>([
    ["without a word beyond D", () => ({ levels: 4 })],
    ["one level", () => ({ levels: 1 })],
    ["IF", () => ({ levels: 3, leak: 1, threshold: 0.5 })],
    ["I-LIF", () => ({ levels: 4, leak: 0.25, amplitude: 1 })],
    ["NI-LIF", () => ({ levels: 4, leak: 0.25, amplitude: 1 / 4 })],
    ["a threshold per channel", (seed) => ({ levels: 4, threshold: there(add(rand([5], seed), 0.2)) })],
    ["a membrane carried in", (seed) => ({ levels: 4, initial: there(randn(shape.slice(1), seed)) })],
    ["a learnt threshold", () => ({ levels: 4, threshold: there(full([1], 0.4)).setRequiresGrad(true) })],
    [
      "learnt thresholds of channels, amplitude 1",
      (seed) => ({
        levels: 2,
        amplitude: 1,
        threshold: scope("ϑ", () => there(add(rand([5], seed), 0.2))).setRequiresGrad(true),
      }),
    ],
  ])("equals its plain twin: %s", (_, options) => {
    scope("twins", () => {
      const [fused, plain] = [computed(integerSequence, options), computed(twin, options)];
      expect(difference(fused.result.spikes, plain.result.spikes)).toBe(0);
      expect(difference(fused.result.membrane, plain.result.membrane)).toBe(0);
      expect(fused.result.counts.toNumbers()).toEqual(plain.result.counts.toNumbers());
      expect(fused.result.excess.toNumbers()).toEqual(
        plain.result.excess.toNumbers().map((x) => expect.closeTo(x, 3)),
      );
      expect(Math.max(...fused.result.spikes.toNumbers())).toBeGreaterThan(0);
      expect(fused.gradients.length).toBe(plain.gradients.length);
      for (const [i, gradient] of fused.gradients.entries()) {
        expect(difference(gradient, plain.gradients[i]!)).toBeLessThan(10 * GRADIENT_TOLERANCE);
      }
    });
  });

  it("equals a loop of plain numbers, and counts an integer k as k spikes", () => {
    scope("loop", () => {
      const [steps, neurons, leak, threshold, levels] = [6, 40, 0.5, 0.75, 3] as const;
      const current = there(mul(add(randn([steps, 1, neurons, 1, 1], 9), 0.6), 1.5));
      const { spikes, counts } = integerSequence(current, { levels, leak, threshold });
      const input = current.toFloat32Array();
      const v = new Float32Array(neurons);
      const total = new Array<number>(steps).fill(0);
      const expected = input.map((i, index) => {
        const c = index % neurons;
        const u = Math.fround(Math.fround(leak * v[c]!) + i);
        const k = Math.floor(Math.min(levels, Math.max(0, Math.fround(u / threshold))) + 0.5);
        v[c] = u - threshold * k;
        total[Math.floor(index / neurons)]! += k;
        return threshold * k;
      });
      expect(spikes.toFloat32Array()).toEqual(expected);
      expect(counts.toNumbers()).toEqual(total);
      expect(new Set(expected)).toEqual(new Set([0, 0.75, 1.5, 2.25]));
    });
  });

  it("has the gradient of the clipped ramp that it rounds, by finite differences", () => {
    scope("differences", () => {
      const [levels, threshold, h] = [3, 0.5, 1e-3] as const;
      const values = [-0.4, 0.1, 0.6, 1.2, 1.45, 1.7, 3];
      const current = there(full([1, 1, values.length, 1, 1], 0));
      const input = Float32Array.from(values);
      const at = scope("in", () => add(current, tensorOf(input))).setRequiresGrad(true);
      const theta = there(full([1], threshold)).setRequiresGrad(true);
      sum(integerSequence(at, { levels, threshold: theta }).spikes).backward();
      const ramp = (x: number) => threshold * Math.min(levels, Math.max(0, x / threshold));
      const slopes = values.map((x) => (ramp(x + h) - ramp(x - h)) / (2 * h));
      expect(at.grad!.toNumbers()).toEqual(slopes.map((slope) => expect.closeTo(slope, 4)));
      // Of ϑ: the rounding k − u/ϑ inside, D above, nothing below (Esser et al. 2020, equation 3).
      const steps = values.map((x) => {
        const r = x / threshold;
        if (r < 0) return 0;
        return r > levels ? levels : Math.floor(r + 0.5) - r;
      });
      expect(theta.grad!.item()).toBeCloseTo(
        steps.reduce((a, b) => a + b, 0),
        4,
      );
    });
  });

  it("equals repeated single steps that carry the membrane", () => {
    scope("steps", () => {
      const current = drive(10);
      const options = { levels: 4, leak: 0.7, threshold: 0.6 };
      const whole = integerSequence(current, options);
      let initial: Tensor | undefined;
      for (let t = 0; t < shape[0]!; t++) {
        const step = integerSequence(narrow(current, 0, t, 1), { ...options, initial });
        expect(difference(select(step.spikes, 0, 0), select(whole.spikes, 0, t))).toBe(0);
        initial = step.membrane;
      }
    });
  });

  it("refuses what no such neuron can have", () => {
    scope("refused", () => {
      const current = drive(1);
      expect(() => integerSequence(current, { levels: 0 })).toThrow(
        "expected levels to be an integer from 1 to 127",
      );
      expect(() => integerSequence(current, { levels: 128 })).toThrow("received 128");
      expect(() => integerSequence(current, { levels: 4, amplitude: 0 })).toThrow("amplitude");
      expect(() => integerSequence(current, { levels: 4, threshold: 0 })).toThrow("threshold");
      expect(() => integerSequence(current, { levels: 4, threshold: there(full([1], 0)) })).toThrow(
        "above 0",
      );
      expect(() => integerSequence(current, { levels: 4, threshold: there(full([4], 1)) })).toThrow(
        "one value or [5]",
      );
      expect(() => integerSequence(current, { levels: 4, leak: 0 })).toThrow("leak");
    });
  });
});

function tensorOf(values: Float32Array): Tensor {
  return there(tensorFrom(values, [1, 1, values.length, 1, 1]));
}
