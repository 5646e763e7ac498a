/** Norm and activation in one operator: against libtorch's own operators, at numbers that float32 finds hard, and refusals. */
import { describe, expect, it } from "vitest";
import { difference } from "../../tests/lif-comparison.js";
import { fusesThere, testDevice, there } from "../../tests/test-device.js";
import { GRADIENT_TOLERANCE } from "../../tests/tolerances.js";
import {
  add,
  clone,
  full,
  mul,
  rand,
  randn,
  relu,
  reshape,
  scope,
  splitFirst,
  sum,
  type Tensor,
  tensorFrom,
} from "../engine/index.js";
import { NativeError } from "../errors.js";
import { lif, neuronSequence } from "../neurons/index.js";
import { BatchNorm2d } from "./batch-norm.js";
import { type ActivatedMap, type IntegerActivation, normalizedActivation } from "./normalized-activation.js";

const shape = [3, 17, 5, 7];

/** The same by libtorch's own operators. */
function twin(input: Tensor, norm: BatchNorm2d | undefined, integers?: IntegerActivation): ActivatedMap {
  const normal = norm?.forward(input) ?? input;
  if (integers === undefined)
    return { output: relu(normal), counts: full([1], 0, { dtype: "int64" }), excess: full([1], 0) };
  const { threshold, levels, amplitude } = integers;
  const neuron = { name: "twin", charge: lif.charge, levels, amplitude };
  const { spikes, counts, excess } = neuronSequence(splitFirst(normal, 1), { neuron, threshold });
  return { output: reshape(spikes, input.shape), counts, excess };
}

interface Case {
  readonly norm?: "plain" | "affine";
  readonly training?: boolean;
  readonly integers?: (seed: number) => IntegerActivation;
  /** Of the inputs (default 1.5). */
  readonly mean?: number;
}

/** Everything that both ways must agree on. */
function computed(run: typeof normalizedActivation, { norm, training = true, integers, mean = 1.5 }: Case) {
  const channels = shape[1]!;
  const z = there(add(mul(randn(shape, 1), 2), mean)).setRequiresGrad(true);
  const layer = norm && new BatchNorm2d(channels, testDevice, norm === "affine" ? { scale: 0.7 } : undefined);
  layer?.setTraining(training);
  const given = integers?.(5);
  const result = run(z, layer, given);
  sum(mul(result.output, there(randn(shape, 3)))).backward();
  const learnt = [layer?.scale, layer?.shift, given?.threshold].flatMap((x) => (x?.grad ? [x.grad] : []));
  const state = layer === undefined ? [] : [layer.runningMean, layer.runningVar].map((x) => clone(x));
  layer?.dispose();
  return { result, gradients: [z.grad!, ...learnt], state };
}

const learnt = (values: Tensor) => values.setRequiresGrad(true);

describe.skipIf(!fusesThere)("normalizedActivation", () => {
  it.each<[string, Case, number]>([
    ["ReLUs", { norm: "plain" }, 1],
    ["ReLUs behind a norm that learns", { norm: "affine" }, 3],
    ["ReLUs in evaluation", { norm: "affine", training: false }, 3],
    ["ReLUs alone", {}, 1],
    [
      "integers",
      {
        norm: "affine",
        integers: () => ({ levels: 4, amplitude: "threshold", threshold: there(full([1], 0.4)) }),
      },
      3,
    ],
    [
      "integers in evaluation",
      {
        ...{ norm: "affine", training: false },
        integers: () => ({ levels: 4, amplitude: 1, threshold: there(full([1], 0.4)) }),
      },
      3,
    ],
    [
      "integers with learnt thresholds of channels",
      {
        norm: "affine",
        integers: (seed) => ({
          ...{ levels: 3, amplitude: "threshold" },
          threshold: learnt(scope("ϑ", () => there(add(rand([shape[1]!], seed), 0.2)))),
        }),
      },
      4,
    ],
    [
      "integers of amplitude 1/4 with one learnt threshold, without a norm",
      { integers: () => ({ levels: 4, amplitude: 0.25, threshold: learnt(there(full([1], 0.9))) }) },
      2,
    ],
    ["means far from 0", { norm: "affine", mean: 100 }, 3],
  ])("equals libtorch's own operators: %s", (_, each, gradients) => {
    scope("twins", () => {
      const [fused, plain] = [computed(normalizedActivation, each), computed(twin, each)];
      // A far mean costs both ways digits of the input: 100 in steps of 2⁻¹⁷.
      const bound = each.mean === undefined ? 2e-6 : 1e-4;
      expect(difference(fused.result.output, plain.result.output)).toBeLessThan(bound);
      expect(fused.result.counts.toNumbers()).toEqual(plain.result.counts.toNumbers());
      if (each.integers !== undefined) {
        const [excess] = plain.result.excess.toNumbers();
        expect(fused.result.excess.item()).toBeCloseTo(excess!, 2);
      }
      expect(fused.gradients.length).toBe(gradients);
      expect(plain.gradients.length).toBe(gradients);
      for (const [i, gradient] of fused.gradients.entries()) {
        expect(difference(gradient, plain.gradients[i]!)).toBeLessThan(
          each.mean === undefined ? 20 * GRADIENT_TOLERANCE : 1e-3,
        );
      }
      for (const [i, statistic] of fused.state.entries()) {
        expect(difference(statistic, plain.state[i]!)).toBeLessThan(bound);
      }
    });
  });

  it("keeps NaN, so that a training that diverges is seen", () => {
    scope("nan", () => {
      const z = there(tensorFrom(Float32Array.of(Number.NaN, -1, 2), [1, 1, 1, 3]));
      expect(normalizedActivation(z, undefined).output.toNumbers()).toEqual([Number.NaN, 0, 2]);
    });
  });

  it("answers empty batches", () => {
    scope("empty", () => {
      using norm = new BatchNorm2d(2, testDevice);
      norm.setTraining(false);
      expect(normalizedActivation(there(full([0, 2, 4, 4], 1)), norm).output.shape).toEqual([0, 2, 4, 4]);
    });
  });

  it.skipIf(testDevice !== "cpu")("refuses a threshold of 0, whose values a network reads on a GPU", () => {
    scope("refuse", () => {
      const integers = { levels: 4, amplitude: 1, threshold: full([1], 0) };
      expect(() => normalizedActivation(randn([1, 2, 2, 2], 0), undefined, integers)).toThrow(/above 0/);
    });
  });

  it.each<[string, (x: Tensor) => unknown, RegExp]>([
    [
      "another number of channels",
      (x) => {
        using norm = new BatchNorm2d(3, testDevice);
        return normalizedActivation(x, norm);
      },
      /running_mean/,
    ],
    [
      "too many levels",
      (x) =>
        normalizedActivation(x, undefined, { levels: 128, amplitude: 1, threshold: there(full([1], 1)) }),
      /levels/,
    ],
  ])("refuses %s", (_, call, message) => {
    scope("refuse", () => {
      const x = there(randn([1, 2, 2, 2], 0));
      expect(() => call(x)).toThrow(NativeError);
      expect(() => call(x)).toThrow(message);
    });
  });
});
