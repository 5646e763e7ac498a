/** One layer of neurons computed in two ways on the same numbers: what both must agree on, and how nearly. */
import { expect } from "vitest";
import { add, full, mul, rand, randn, sum, type Tensor } from "../src/engine/index.js";
import {
  type LifOptions,
  type LifResult,
  lifSequence,
  lifSequenceReference,
  surrogateObstacle,
  surrogates,
} from "../src/neurons/index.js";
import { there } from "./test-device.js";
import { GRADIENT_TOLERANCE, MEMBRANE_TOLERANCE } from "./tolerances.js";

export type LifRun = (current: Tensor, options: LifOptions) => LifResult;

export interface LifCase {
  /** `[T, N, C, H, W]` */
  readonly shape: readonly number[];
  readonly options?: Partial<LifOptions>;
  readonly norm?: "training" | "evaluation" | undefined;
  readonly threshold?: "one" | "channel" | "neuron";
  readonly initial?: boolean;
}

/** Options of which a case changes what it is about. */
export const lifOptions = (threshold: Tensor): LifOptions => ({
  leak: 0.95,
  threshold,
  reset: "soft",
  surrogate: "linear",
  imbalance: 0,
});

/** The surrogates that the fused kernels know. */
export const fusedSurrogates = surrogates.filter((name) => surrogateObstacle(name) === undefined);

/** How steeply a surrogate changes with x at most: a gradient is wrong by that times the membrane's rounding. */
const steepness: Readonly<Record<string, number>> = {
  linear: 0.3,
  "fast-sigmoid": 200,
  exponential: 10,
  "pass-through": 0,
};

/** Runs one way of computing and returns everything that must agree. */
export function computeLif(run: LifRun, test: LifCase) {
  const [steps = 1, batch = 1, channels = 1, height = 1, width = 1] = test.shape;
  const current = there(mul(randn(test.shape, 1), 1.2)).setRequiresGrad(true);
  const thresholds = {
    one: () => full([1], 0.8),
    channel: () => add(rand([channels], 2), 0.3),
    neuron: () => add(rand([channels, height, width], 3), 0.3),
  };
  const scale = there(add(rand([steps, channels], 4), 0.5)).setRequiresGrad(true);
  const runningMean = there(mul(randn([steps, channels], 5), 0.2));
  const runningVar = there(add(rand([steps, channels], 6), 0.5));
  const training = test.norm === "training";
  const norm = { scale, runningMean, runningVar, training, momentum: 0.1, eps: 1e-4 };
  const result = run(current, {
    ...lifOptions(there(thresholds[test.threshold ?? "one"]())),
    ...(test.initial ? { initial: there(randn([batch, channels, height, width], 7)) } : {}),
    ...(test.norm ? { norm } : {}),
    ...test.options,
  });
  sum(mul(result.spikes, there(randn(test.shape, 8)))).backward();
  return { ...result, runningMean, runningVar, gradient: current.grad!, scaleGradient: scale.grad };
}

/** The fused operator and its plain twin give the same spikes, membranes, statistics and gradients. */
export function expectTwins(test: LifCase): void {
  const { surrogate = "linear" } = test.options ?? {};
  const gradientTolerance =
    GRADIENT_TOLERANCE +
    steepness[typeof surrogate === "string" ? surrogate : surrogate.name]! * MEMBRANE_TOLERANCE;
  const ours = computeLif(lifSequence, test);
  const theirs = computeLif(lifSequenceReference, test);
  expect(difference(ours.spikes, theirs.spikes), "spikes").toBe(0);
  expect(ours.counts.toArray()).toEqual(theirs.counts.toArray());
  expect(difference(ours.membrane, theirs.membrane), "membrane").toBeLessThan(MEMBRANE_TOLERANCE);
  expect(difference(ours.excess, theirs.excess), "excess").toBeLessThan(MEMBRANE_TOLERANCE * 10);
  expect(difference(ours.gradient, theirs.gradient), "gradient").toBeLessThan(gradientTolerance);
  if (test.norm === undefined) return;
  expect(difference(ours.runningMean, theirs.runningMean), "mean").toBeLessThan(MEMBRANE_TOLERANCE);
  expect(difference(ours.runningVar, theirs.runningVar), "variance").toBeLessThan(MEMBRANE_TOLERANCE);
  const scales = difference(ours.scaleGradient!, theirs.scaleGradient!);
  expect(scales, "gradient of γ").toBeLessThan(gradientTolerance);
}

/** Largest difference relative to the largest value of `theirs`. */
export function difference(ours: Tensor, theirs: Tensor): number {
  const a = ours.toArray();
  const b = theirs.toArray();
  let largest = 0;
  let scale = 1e-12;
  for (let i = 0; i < b.length; i++) {
    largest = Math.max(largest, Math.abs(Number(a[i]) - Number(b[i])));
    scale = Math.max(scale, Math.abs(Number(b[i])));
  }
  expect(a.length).toBe(b.length);
  return largest / scale;
}
