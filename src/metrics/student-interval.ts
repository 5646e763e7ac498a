/**
 * The interval of a mean over few repetitions, such as the seeds of a training: Student's, for values that scatter normally
 * (Student 1908, Biometrika 6).
 */
import type { Interval } from "./bootstrap.js";

/**
 * The 95 % interval of the mean of what `values` are drawn from: x̄ ± t·s/√n, with t the 97.5 % quantile of Student's distribution with
 * n − 1 degrees of freedom and s² = Σ(x − x̄)²/(n − 1).
 *
 * @param values - finite; independent of each other
 * @returns `null` for fewer than two values, which say nothing about how they scatter
 * @example
 * import { studentInterval } from "snnseg/metrics";
 *
 * console.log(studentInterval([0.479, 0.477, 0.474])); // { low: 0.470…, high: 0.482… }
 */
export function studentInterval(values: readonly number[]): Interval | null {
  const count = values.length;
  if (count < 2) return null;
  const mean = meanOf(values);
  const half = quantile(count - 1) * (standardDeviation(values) / Math.sqrt(count));
  return { low: mean - half, high: mean + half };
}

/**
 * How far values scatter: s = √(Σ(x − x̄)²/(n − 1)).
 *
 * @param values - finite
 * @returns 0 for fewer than two
 */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

/** t with P(|T| ≤ t) = 0.95, by halving. */
function quantile(freedom: number): number {
  let [low, high] = [0, 16];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (within(middle, freedom) < 0.95) low = middle;
    else high = middle;
  }
  return low;
}

/** P(|T| ≤ t) for a whole number of degrees of freedom (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4). */
function within(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const isOdd = freedom % 2 === 1;
  const square = Math.cos(angle) ** 2;
  let sum = 0;
  let term = isOdd ? Math.cos(angle) : 1;
  for (let k = isOdd ? 3 : 2; k <= freedom; k += 2) {
    sum += term;
    term *= (square * (k - 1)) / k;
  }
  return isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
