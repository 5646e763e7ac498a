/** Neurons that send integers, over all timesteps in one native operator. */
import { checkInteger, checkKeys, checkNumber, refuse } from "../checks/index.js";
import { callMany, full, reshape, scope, Tensor } from "../engine/index.js";
import { type Checking, checkLeak, checkThresholds } from "./check-neurons.js";
import type { LifResult } from "./lif-options.js";
import { lifDefaults } from "./lif-options.js";
import { MOST_LEVELS } from "./neuron.js";

/** How a layer of neurons that send integers integrates and fires. */
export interface IntegerOptions {
  /** D: the most spikes of a neuron in a timestep, from 1 to 127. */
  readonly levels: number;
  /** a: what one spike is worth to the next layer, above 0, or its `"threshold"` (default). */
  readonly amplitude?: number | "threshold";
  /** λ in (0, 1] (default 0.99). */
  readonly leak?: number;
  /** ϑ above 0: one value, or a tensor `[1]` or `[C]`, whose gradient backward gives where it asks for one (default 1). */
  readonly threshold?: Tensor | number;
  /** v before the first timestep, `[N, C, H, W]`; 0 when absent. Read, never written. */
  readonly initial?: Tensor | undefined;
}

const keys = new Set(["levels", "amplitude", "leak", "threshold", "initial"]);

/**
 * A layer of leaky neurons that send up to D spikes in a timestep:
 *
 *     u[t] = λ·v[t−1] + i[t]                    charge
 *     k[t] = ⌊clip(u[t]/ϑ, 0, D) + ½⌋           fire: an integer
 *     s[t] = a·k[t]
 *     v[t] = u[t] − ϑ·k[t]                      soft reset; no gradient passes through k
 *
 * Backward takes dk/d(u/ϑ) for 1 where 0 ≤ u/ϑ ≤ D, else 0. One native operator computes all timesteps; its plain twin is
 * `neuronSequence` with a neuron of so many levels.
 *
 * @param current - i, `[T, N, C, H, W]` float32, on the CPU or on a GPU for which set-up built kernels
 * @param options - D and, where they differ from the defaults, the rest
 * @returns spikes s; counts are sums of k
 * @throws OptionError if an option is unknown or out of its range; NativeError if shapes do not fit, or a threshold is 0 or below
 * @see Luo et al. 2024, arXiv:2407.20708 (I-LIF); Esser et al. 2020, arXiv:1902.08153 (learnt steps)
 * @example
 * ```ts
 * import { scope } from "snnseg";
 * import { integerSequence } from "snnseg/neurons";
 * import { full } from "snnseg/ops";
 *
 * scope("example", () => {
 *   const { spikes } = integerSequence(full([2, 1, 1, 1, 1], 2.7), { levels: 4, leak: 1 });
 *   console.log(spikes.toNumbers()); // 3, then 2 as −0.3 is left: [3, 2]
 * });
 * ```
 */
export function integerSequence(current: Tensor, options: IntegerOptions): LifResult {
  return runIntegers(current, options);
}

/** {@link integerSequence}. @param checking - what of thresholds on a GPU is checked (default: all); on the CPU the operator does */
export function runIntegers(
  current: Tensor,
  options: IntegerOptions,
  checking: Checking = "values",
): LifResult {
  checkKeys("integerSequence", options, keys);
  const { levels, amplitude = "threshold", leak = lifDefaults.leak, threshold = 1, initial } = options;
  checkInteger("integerSequence", "levels", levels, { most: MOST_LEVELS });
  checkLeak("integerSequence", leak);
  if (amplitude !== "threshold") {
    checkNumber("integerSequence", "amplitude", amplitude, { above: 0, float32: true });
  }
  return scope("integerSequence", () => {
    const thresholds = thresholdTensor(threshold, current.device);
    if (checking === "values" && thresholds.device !== "cpu") {
      checkThresholds("integerSequence", thresholds, { above: 0 });
    }
    const worth = amplitude === "threshold" ? 0 : amplitude;
    const given = [current, thresholds, initial ?? null, leak, levels, worth];
    const [spikes, membrane, counts, excess] = callMany("snnseg::integer_sequence", given);
    const unit = amplitude === "threshold" ? reshape(thresholds, [-1, 1, 1]) : amplitude;
    return {
      spikes: spikes!,
      membrane: membrane!,
      counts: counts!,
      excess: excess!,
      amplitude: unit,
      levels,
    };
  });
}

function thresholdTensor(threshold: Tensor | number, device: string): Tensor {
  if (threshold instanceof Tensor) return threshold;
  if (typeof threshold !== "number")
    refuse("integerSequence", "threshold", "a number or a tensor", threshold);
  checkNumber("integerSequence", "threshold", threshold, { above: 0, float32: true });
  return full([1], threshold, { device });
}
