import { describe, expect, it } from "vitest";
import {
  lifOptions as base,
  computeLif,
  difference,
  expectTwins,
  fusedSurrogates,
  type LifCase,
} from "../../tests/lif-comparison.js";
import { MEMBRANE_TOLERANCE } from "../../tests/tolerances.js";
import {
  add,
  call,
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
import { type LifOptions, lifSequence, lifSequenceReference } from "./index.js";

describe.each([lifSequence, lifSequenceReference])("%o without options", (run) => {
  it("is the field's LIF: soft reset at 1, a leak of 0.99, the linear surrogate", () => {
    const gradient = (options?: LifOptions) =>
      scope("run", () => {
        const current = rand([4, 2, 3, 4, 4], 3).setRequiresGrad(true);
        const { spikes } = options === undefined ? run(current) : run(current, options);
        sum(spikes).backward();
        return [...spikes.toNumbers(), ...current.grad!.toNumbers()];
      });
    const said = { leak: 0.99, threshold: 1, reset: "soft", surrogate: "linear", imbalance: 0 } as const;
    const found = gradient();
    expect(new Set(found).size).toBeGreaterThan(10);
    expect(found).toEqual(gradient({ ...said, threshold: full([1], 1) }));
    expect(found).not.toEqual(gradient({ threshold: 0.5 }));
    expect(gradient({ threshold: 0.5 })).toEqual(gradient({ ...said, threshold: full([1], 0.5) }));
  });
});

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
    fusedSurrogates.map((surrogate) => [
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

  it("gives a scale of other strides the same gradient", () => {
    scope("strides", () => {
      const gradients = [ones([3, 4]), transposed(ones([4, 3]))].map((scale) => {
        const current = randn([3, 2, 4, 2, 2], 1);
        const statistics = { runningMean: zeros([3, 4]), runningVar: ones([3, 4]) };
        const norm = {
          ...statistics,
          scale: scale.setRequiresGrad(true),
          training: true,
          momentum: 0.1,
          eps: 1e-4,
        };
        const { spikes } = lifSequence(current, { ...base(full([1], 1)), norm });
        sum(mul(spikes, randn(spikes.shape, 2))).backward();
        return scale.grad!.toFloat32Array();
      });
      expect(gradients[0]!.some((value) => value !== 0)).toBe(true);
      expect(gradients[1]).toEqual(gradients[0]);
    });
  });

  it.each<[RegExp, () => Partial<LifOptions> & { readonly current?: Tensor }]>([
    [/current: expected float32 \[T, N, C, H, W\]/, () => ({ current: ones([2, 3]) })],
    [/current: expected float32/, () => ({ current: ones([2, 1, 3, 2, 2], { dtype: "float64" }) })],
    [/threshold: expected one value, \[3\] or \[3, 2, 4\]/, () => ({ threshold: ones([5]) })],
    [/threshold: expected one value/, () => ({ threshold: ones([2, 4, 3]) })],
    [/threshold: expected float32/, () => ({ threshold: ones([1], { dtype: "int64" }) })],
    [/threshold/, () => ({ threshold: full([1], Number.NaN) })],
    [/threshold/, () => ({ threshold: full([3], -1) })],
    [/threshold: .* no gradient/, () => ({ threshold: ones([1]).setRequiresGrad(true) })],
    [/initial: expected float32 \[1, 3, 2, 4\]/, () => ({ initial: ones([3]) })],
    [/initial: expected float32/, () => ({ initial: ones([1, 3, 2, 4], { dtype: "float64" }) })],
    [/initial: .* no gradient/, () => ({ initial: ones([1, 3, 2, 4]).setRequiresGrad(true) })],
    [/leak/, () => ({ leak: 0 })],
    [/leak/, () => ({ leak: Number.NaN })],
    [/imbalance/, () => ({ imbalance: -1 })],
    [
      /running_mean: expected float32 \[2, 3\]/,
      () => ({ norm: { ...batchNorm(), runningMean: zeros([2, 4]) } }),
    ],
    [
      /running_mean: expected contiguous/,
      () => ({ norm: { ...batchNorm(), runningMean: transposed(zeros([3, 2])) } }),
    ],
    [
      /running_var: expected float32 \[2, 3\]/,
      () => ({ norm: { ...batchNorm(), runningVar: zeros([2, 1]) } }),
    ],
    [
      /running_var: expected float32/,
      () => ({ norm: { ...batchNorm(), runningVar: ones([2, 3], { dtype: "float64" }) } }),
    ],
    [/gamma: expected float32 \[2, 3\]/, () => ({ norm: { ...batchNorm(), scale: ones([2]) } })],
    [/momentum/, () => ({ norm: { ...batchNorm(), momentum: Number.NaN } })],
    [/eps/, () => ({ norm: { ...batchNorm(), eps: 0 } })],
  ])("refuses %s", (reason, change) => {
    scope("wrong", () => {
      const { current = randn([2, 1, 3, 2, 4], 1), ...options } = change();
      expect(() => lifSequence(current, { ...base(full([1], 1)), ...options })).toThrow(reason);
    });
  });

  it("refuses a running variance shorter than the mean, which it once wrote beyond", () => {
    scope("wrong", () => {
      const statistics = { runningMean: zeros([40, 512]), runningVar: zeros([40, 1]) };
      const norm = { ...statistics, scale: ones([40, 512]), training: true, momentum: 0.1, eps: 1e-4 };
      expect(() => lifSequence(zeros([40, 2, 512, 4, 4]), { ...base(full([1], 1)), norm })).toThrow(
        /running_var: expected float32 \[40, 512\]/,
      );
      expect(norm.runningMean.toNumbers().every((value) => value === 0)).toBe(true);
    });
  });
});

const transposed = (x: Tensor) => call("aten::transpose.int", [x, 0, 1]);

/** Batch norm of two timesteps and three channels. */
function batchNorm() {
  const statistics = { runningMean: zeros([2, 3]), runningVar: ones([2, 3]) };
  return { scale: ones([2, 3]), ...statistics, training: true, momentum: 0.1, eps: 1e-4 };
}
