import { describe, expect, it } from "vitest";
import {
  concat,
  crossEntropy,
  mul,
  narrow,
  noGrad,
  reshape,
  scope,
  type Tensor,
  tensorFrom,
  unsqueeze,
} from "../../engine/index.js";
import {
  diceLoss,
  focalLoss,
  logWeights,
  lovaszSoftmaxLoss,
  medianFrequencyWeights,
  ohemCrossEntropy,
  perStepLoss,
} from "./index.js";

const VOID = 255;
const shape = [2, 3, 2, 2] as const;
const count = 24;
/** Central differences in float64. */
const step = 1e-5;
const gradientTolerance = 1e-7;

type Loss = (logits: Tensor, labels: Tensor) => Tensor;

const values = Float64Array.from(
  { length: count },
  (_, i) => Math.sin(1.7 * i) + 0.3 * Math.cos(0.9 * i * i),
);
const labelValues = [0, 1, 1, 0, VOID, 0, 1, VOID];
const labels = () => tensorFrom(BigInt64Array.from(labelValues, BigInt), [2, 2, 2]);
const lossOf = (loss: Loss, logits: Float64Array) =>
  scope("loss", () => noGrad(() => loss(tensorFrom(logits, shape), labels()).item()));

/** Softmax probabilities of pixels that count, with their labels, by the definition. */
function pixels(): { readonly p: readonly number[]; readonly label: number }[] {
  return labelValues.flatMap((label, pixel) => {
    if (label === VOID) return [];
    const [n, at] = [Math.floor(pixel / 4), pixel % 4];
    const scores = [0, 1, 2].map((k) => Math.exp(values[n * 12 + k * 4 + at]!));
    const total = scores.reduce((a, b) => a + b);
    return [{ p: scores.map((score) => score / total), label }];
  });
}

/** 1 − IoU of a class when exactly the pixels of `mistakes` are wrong about it. */
function jaccardLoss(truth: readonly number[], mistakes: ReadonlySet<number>): number {
  const predicted = truth.map((g, i) => (mistakes.has(i) ? 1 - g : g));
  const both = truth.filter((g, i) => g === 1 && predicted[i] === 1).length;
  const either = truth.filter((g, i) => g === 1 || predicted[i] === 1).length;
  return either === 0 ? 0 : 1 - both / either;
}

const losses: Record<string, Loss> = {
  focal: (x, y) => focalLoss(x, y, { ignoreIndex: VOID, gamma: 2 }),
  "focal with a broken exponent": (x, y) => focalLoss(x, y, { ignoreIndex: VOID, gamma: 0.5 }),
  dice: (x, y) => diceLoss(x, y, { ignoreIndex: VOID }),
  "lovász-softmax": (x, y) => lovaszSoftmaxLoss(x, y, { ignoreIndex: VOID }),
  "cross-entropy of hard pixels": (x, y) =>
    ohemCrossEntropy(x, y, { ignoreIndex: VOID, threshold: 0.4, share: 0.1 }),
  "weighted cross-entropy of the two hardest pixels": (x, y) =>
    ohemCrossEntropy(x, y, {
      ignoreIndex: VOID,
      threshold: 1e-6,
      share: 0.3,
      classWeights: tensorFrom(Float64Array.of(1, 4, 2), [3]),
    }),
  "cross-entropy of two timesteps": (x, y) =>
    perStepLoss(concat([unsqueeze(x, 0), unsqueeze(mul(x, 2), 0)], 0), y, {
      lossOf: (logits, labels) => crossEntropy(logits, labels, VOID),
      weight: 0,
    }),
  "weighted cross-entropy": (x, y) => crossEntropy(x, y, VOID, tensorFrom(Float64Array.of(1, 4, 2), [3])),
};

describe("losses", () => {
  it.each(Object.keys(losses))("%s has the gradient of its finite differences", (name) => {
    const loss = losses[name]!;
    const gradient = scope("gradient", () => {
      const logits = tensorFrom(values, shape).setRequiresGrad(true);
      loss(logits, labels()).backward();
      return logits.grad!.toArray() as Float64Array;
    });
    for (let i = 0; i < count; i++) {
      const moved = (by: number) => lossOf(loss, values.with(i, values[i]! + by));
      const slope = (moved(step) - moved(-step)) / (2 * step);
      expect(Math.abs(gradient[i]! - slope)).toBeLessThan(gradientTolerance);
    }
    // Pixel (0, 0) of the second image is void.
    expect([12, 16, 20].map((i) => Math.abs(gradient[i]!))).toEqual([0, 0, 0]);
    expect(gradient.some((g) => Math.abs(g) > 1e-3)).toBe(true);
  });

  it("focal is the mean of −(1 − p)^γ·log p, and cross-entropy for γ = 0", () => {
    const expected = pixels().map(({ p, label }) => -((1 - p[label]!) ** 2) * Math.log(p[label]!));
    expect(lossOf(losses.focal!, values)).toBeCloseTo(expected.reduce((a, b) => a + b) / expected.length, 12);
    const plain = lossOf((x, y) => crossEntropy(x, y, VOID), values);
    expect(lossOf((x, y) => focalLoss(x, y, { ignoreIndex: VOID, gamma: 0 }), values)).toBeCloseTo(plain, 12);
  });

  it("ohem is the mean over pixels whose true class is below the threshold, or over the hardest", () => {
    const truth = pixels().map(({ p, label }) => p[label]!);
    const meanOf = (list: readonly number[]) => list.reduce((sum, p) => sum - Math.log(p), 0) / list.length;
    const below = truth.filter((p) => p < 0.4);
    expect(below.length).toBeGreaterThan(1);
    expect(below.length).toBeLessThan(truth.length);
    const of = (threshold: number, share: number) =>
      lossOf((x, y) => ohemCrossEntropy(x, y, { ignoreIndex: VOID, threshold, share }), values);
    expect(of(0.4, 0.1)).toBeCloseTo(meanOf(below), 12);
    const hardest = truth.toSorted((a, b) => a - b);
    // Of six pixels that count: ⌈0.3·6⌉ = 2.
    expect(of(1e-6, 0.3)).toBeCloseTo(meanOf(hardest.slice(0, 2)), 12);
    const all = lossOf((x, y) => crossEntropy(x, y, VOID), values);
    expect(of(1, 0.1)).toBeCloseTo(all, 12);
    expect(of(1e-6, 1)).toBeCloseTo(all, 12);
  });

  it("ohem is NaN where every pixel is void, as the others", () => {
    const none = () => tensorFrom(new BigInt64Array(8).fill(BigInt(VOID)), [2, 2, 2]);
    const loss: Loss = (x) => ohemCrossEntropy(x, none(), { ignoreIndex: VOID, threshold: 0.7, share: 0.1 });
    expect(lossOf(loss, values)).toBeNaN();
  });

  it("per step is the mean loss of the timesteps, and with λ the scores' distance from φ", () => {
    const plain: Loss = (x, y) => crossEntropy(x, y, VOID);
    const ofSteps: Loss = (x, y) =>
      perStepLoss(reshape(x, [2, 1, 3, 2, 2]), narrow(y, 0, 0, 1), {
        lossOf: plain,
        weight: 0.25,
        target: 0.5,
      });
    const [first, second] = [0, 1].map((step) =>
      lossOf((x, y) => plain(narrow(x, 0, step, 1), narrow(y, 0, 0, 1)), values),
    );
    const away = values.reduce((total, x) => total + (x - 0.5) ** 2, 0) / count;
    expect(lossOf(ofSteps, values)).toBeCloseTo((0.75 * (first! + second!)) / 2 + 0.25 * away, 12);
  });

  it("focal stays finite where a pixel is certain", () => {
    const certain = Float64Array.from({ length: count }, (_, i) => (Math.floor(i / 4) % 3 === 0 ? 1000 : 0));
    scope("gradient", () => {
      const logits = tensorFrom(certain, shape).setRequiresGrad(true);
      losses["focal with a broken exponent"]!(logits, labels()).backward();
      expect([...(logits.grad!.toArray() as Float64Array)].every(Number.isFinite)).toBe(true);
    });
  });

  it("dice is one minus the mean overlap of the classes that occur", () => {
    const overlaps = [0, 1].map((k) => {
      const g = pixels().map(({ label }) => (label === k ? 1 : 0));
      const p = pixels().map((pixel) => pixel.p[k]!);
      const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
      return (2 * sum(p.map((value, i) => value * g[i]!))) / (sum(p) + sum(g));
    });
    expect(lossOf(losses.dice!, values)).toBeCloseTo(1 - (overlaps[0]! + overlaps[1]!) / 2, 12);
  });

  it("lovász-softmax is the Lovász extension of the Jaccard loss", () => {
    const perClass = [0, 1].map((k) => {
      const truth = pixels().map(({ label }) => (label === k ? 1 : 0));
      const errors = pixels().map(({ p }, i) => Math.abs(truth[i]! - p[k]!));
      const order = errors.map((_, i) => i).sort((a, b) => errors[b]! - errors[a]!);
      return order.reduce((sum, pixel, i) => {
        const upTo = (n: number) => jaccardLoss(truth, new Set(order.slice(0, n)));
        return sum + errors[pixel]! * (upTo(i + 1) - upTo(i));
      }, 0);
    });
    expect(lossOf(losses["lovász-softmax"]!, values)).toBeCloseTo((perClass[0]! + perClass[1]!) / 2, 12);
  });

  it("are near 0 for perfect scores", () => {
    const perfect = Float64Array.from({ length: count }, (_, i) => {
      const label = labelValues[Math.floor(i / 12) * 4 + (i % 4)]!;
      return label === Math.floor((i % 12) / 4) ? 50 : 0;
    });
    for (const loss of Object.values(losses)) expect(lossOf(loss, perfect)).toBeLessThan(1e-9);
  });
});

describe("medianFrequencyWeights", () => {
  it("weighs the median class 1 and leaves out classes that do not occur", () => {
    const all = [200, 200, 200, 200];
    expect([...medianFrequencyWeights([100, 50, 0, 25], all)]).toEqual([0.5, 1, 1, 2]);
    expect([...medianFrequencyWeights([30, 10], [100, 100])]).toEqual([20 / 30, 2].map(Math.fround));
  });

  it("divides by the pixels of the images that contain the class", () => {
    // Four images of 100 pixels; the last class is in one of them, and a tenth of it.
    expect([...medianFrequencyWeights([200, 80, 10], [400, 400, 100])]).toEqual([0.4, 1, 2].map(Math.fround));
  });
});

describe("logWeights", () => {
  it("are 1/log(1.02 + share)", () => {
    const expected = [0.9, 0.1, 0].map((share) => Math.fround(1 / Math.log(1.02 + share)));
    expect([...logWeights([90, 10, 0])]).toEqual(expected);
    expect(expected.at(-1)).toBeCloseTo(50.5, 1);
    expect([...logWeights([90, 10, 0], 1.1)].at(-1)).toBeCloseTo(1 / Math.log(1.1), 5);
  });
});
