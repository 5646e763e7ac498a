import { describe, expect, it } from "vitest";
import {
  lifOptions as base,
  computeLif,
  difference,
  expectTwins,
  type LifCase,
} from "../../tests/lif-comparison.js";
import { MEMBRANE_TOLERANCE } from "../../tests/tolerances.js";
import {
  add,
  full,
  getThreads,
  liveTensors,
  mul,
  narrow,
  ones,
  rand,
  randn,
  scope,
  select,
  setThreads,
  sum,
  type Tensor,
  zeros,
} from "../engine/index.js";
import { lifSequence } from "./index.js";
import { surrogates } from "./surrogates.js";

const cases: Readonly<Record<string, LifCase>> = {
  "without batch norm": { shape: [5, 2, 7, 6, 5] },
  "one timestep": { shape: [1, 3, 16, 4, 4] },
  "one neuron": { shape: [6, 1, 1, 1, 1] },
  "BNTT in training": { shape: [4, 3, 33, 5, 7], norm: "training" },
  "BNTT in evaluation": { shape: [4, 3, 33, 5, 7], norm: "evaluation" },
  "BNTT on the first steps only": {
    shape: [6, 2, 8, 4, 5],
    norm: "training",
    options: { normalizedSteps: 4 },
  },
  "hard reset": { shape: [6, 2, 20, 4, 4], options: { reset: "hard" } },
  "imbalanced thresholds": { shape: [6, 2, 20, 4, 4], options: { imbalance: 0.1 } },
  "threshold per channel": { shape: [5, 2, 9, 4, 4], threshold: "channel" },
  "threshold per neuron": { shape: [5, 2, 9, 4, 3], threshold: "neuron", norm: "training" },
  "a membrane carried in": { shape: [5, 2, 9, 4, 3], initial: true, norm: "training" },
  "integrate and fire": { shape: [8, 2, 4, 3, 3], options: { leak: 1 } },
  "many rows": { shape: [3, 4, 64, 24, 24], norm: "training" },
  ...Object.fromEntries(
    surrogates.map((surrogate) => [
      `surrogate ${surrogate}`,
      { shape: [5, 2, 12, 4, 4], norm: "training", options: { surrogate } } satisfies LifCase,
    ]),
  ),
};

describe("lifSequence", () => {
  it.each(Object.entries(cases))("equals its plain twin: %s", (_name, test) => {
    const before = liveTensors();
    scope("compare", () => expectTwins(test));
    expect(liveTensors()).toBe(before);
  });

  it("equals a plain TypeScript loop", () => {
    scope("loop", () => {
      const [steps, neurons, leak, threshold] = [12, 6, 0.9, 0.7] as const;
      const current = randn([steps, 1, neurons, 1, 1], 9);
      const { spikes, membrane } = lifSequence(current, { ...base(full([1], threshold)), leak });
      const input = current.toFloat32Array();
      const v = new Float32Array(neurons);
      const expected = new Float32Array(steps * neurons);
      for (let t = 0; t < steps; t++) {
        for (let c = 0; c < neurons; c++) {
          const u = Math.fround(Math.fround(Math.fround(leak) * v[c]!) + input[t * neurons + c]!);
          const fires = u > Math.fround(threshold);
          expected[t * neurons + c] = fires ? 1 : 0;
          v[c] = fires ? u - Math.fround(threshold) : u;
        }
      }
      expect(spikes.toFloat32Array()).toEqual(expected);
      expect(membrane.toFloat32Array()).toEqual(v);
    });
  });

  it("equals repeated single steps that carry the membrane", () => {
    scope("steps", () => {
      const current = randn([6, 2, 5, 3, 3], 10);
      const options = base(full([1], 0.6));
      const whole = lifSequence(current, options);
      let initial: Tensor = zeros([2, 5, 3, 3]);
      for (let t = 0; t < 6; t++) {
        const step = lifSequence(narrow(current, 0, t, 1), { ...options, initial });
        expect(difference(select(step.spikes, 0, 0), select(whole.spikes, 0, t))).toBe(0);
        initial = step.membrane;
      }
      expect(difference(initial, whole.membrane)).toBe(0);
    });
  });

  it("treats examples of a batch independently without batch norm", () => {
    scope("batch", () => {
      const current = randn([5, 4, 6, 3, 3], 11);
      const options = base(full([1], 0.6));
      const whole = lifSequence(current, options);
      const alone = lifSequence(narrow(current, 1, 2, 1), options);
      expect(difference(alone.spikes, narrow(whole.spikes, 1, 2, 1))).toBe(0);
    });
  });

  it("loses no charge with λ = 1 and soft reset: Σi = v_T + ϑ·Σs", () => {
    scope("charge", () => {
      const current = rand([20, 1, 8, 2, 2], 12);
      const { spikes, membrane } = lifSequence(current, { ...base(full([1], 0.5)), leak: 1 });
      const spent = add(mul(sum(spikes, [0]), 0.5), membrane);
      expect(difference(spent, sum(current, [0]))).toBeLessThan(MEMBRANE_TOLERANCE);
    });
  });

  it("fires never at u = ϑ exactly", () => {
    scope("tie", () => {
      const { spikes } = lifSequence(ones([1, 1, 40, 1, 1]), base(full([1], 1)));
      expect(sum(spikes).item()).toBe(0);
    });
  });

  it("nears ReLU under constant input: the rate error is below ϑ/T", () => {
    scope("rate", () => {
      const values = rand([1, 1, 50, 1, 1], 13);
      const steps = 64;
      const current = mul(ones([steps, 1, 50, 1, 1]), values);
      const { spikes } = lifSequence(current, { ...base(full([1], 1)), leak: 1 });
      const rates = mul(sum(spikes, [0]), 1 / steps).toFloat32Array();
      const expected = values.toFloat32Array();
      for (const [i, rate] of rates.entries()) {
        expect(Math.abs(rate - expected[i]!)).toBeLessThanOrEqual(1 / steps + 1e-6);
      }
    });
  });

  it("gives the same bits for any number of threads", () => {
    const threads = getThreads();
    const bits = [1, 2].map((count) => {
      setThreads(count);
      return scope("threads", () => {
        const { gradient, scaleGradient, runningVar } = computeLif(lifSequence, cases["many rows"]!);
        return [gradient, scaleGradient!, runningVar].map((tensor) => tensor.toFloat32Array());
      });
    });
    setThreads(threads);
    expect(bits[0]).toEqual(bits[1]);
  });

  it("refuses shapes that do not fit", () => {
    scope("wrong", () => {
      expect(() => lifSequence(ones([2, 3]), base(full([1], 1)))).toThrow(/\[T, N, C, H, W\]/);
      expect(() => lifSequence(ones([2, 1, 3, 2, 2]), base(ones([5])))).toThrow(/threshold: expected 1, 3/);
      expect(() => lifSequence(ones([2, 1, 3, 2, 2]), { ...base(ones([1])), initial: ones([3]) })).toThrow(
        /initial/,
      );
    });
  });
});
