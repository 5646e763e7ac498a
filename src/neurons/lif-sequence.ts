/** LIF neurons over all timesteps in one native operator. */
import { callMany, full, hasFusedOperators, scope, type Tensor } from "../engine/index.js";
import { type Checking, checkedLifOptions } from "./check-neurons.js";
import type { LifOptions, LifResult, LifSettings } from "./lif-options.js";
import { runNeurons } from "./neuron-sequence.js";
import { surrogateCode } from "./surrogates.js";

/**
 * A layer of leaky integrate-and-fire neurons over all timesteps, with batch norm through time (BNTT):
 *
 *     y[t] = BN_t(i[t])                normalise (t < normalizedSteps; else y[t] = i[t])
 *     u[t] = λ·v[t−1] + y[t]           charge
 *     s[t] = 1 if u[t]/ϑ − 1 > 0, else 0   fire
 *     v[t] = u[t] − ϑ·s[t]             soft reset (hard: u[t]·(1 − s[t])); no gradient passes through it
 *
 * λ = 1 makes it IF. With imbalance α > 0 a charged membrane below −ϑ/α is lifted by ϑ/α, with either reset, and sends
 * no spike: v[t] = u[t] + ϑ/α. No gradient passes through that either, so ∂v[t]/∂u[t] is 1 there, as wherever nothing
 * fires; with a hard reset it is 0 where a neuron fires, with a soft one 1.
 *
 * One native operator computes all timesteps: forward and backward, multi-threaded, the same for any number of threads.
 * It runs on the CPU, and on GPUs for which set-up built kernels; on others the plain twin `lifSequenceReference` does.
 *
 * @param current - i, `[T, N, C, H, W]` float32
 * @param options - default: {@link lifDefaults}; membranes begin at 0
 * @throws OptionError if an option is unknown or out of its range, or the surrogate is none of the fused kernels'; NativeError
 *   if shapes do not fit
 * @see Kim & Panda 2020, arXiv:2010.01729 (BNTT); Neftci et al. 2019, arXiv:1901.09948 (surrogates)
 * @example
 * ```ts
 * import { scope } from "snnseg";
 * import { lifSequence } from "snnseg/neurons";
 * import { full } from "snnseg/ops";
 *
 * scope("example", () => {
 *   const current = full([6, 1, 1, 1, 1], 0.4); // [T, N, C, H, W]: one neuron
 *   const { spikes, membrane } = lifSequence(current, { leak: 0.9 });
 *   console.log(spikes.toNumbers(), membrane.item());
 * });
 * ```
 */
export function lifSequence(current: Tensor, options: LifOptions = {}): LifResult {
  return runLif(current, options);
}

/** {@link lifSequence}. @param checking - what of the options is checked (default: all) */
export function runLif(current: Tensor, options: LifOptions, checking: Checking = "values"): LifResult {
  const { device } = current;
  if (!hasFusedOperators(device)) return runNeurons("lifSequence", current, options, checking);
  return scope("lifSequence", () =>
    fusedSequence(current, checkedLifOptions("lifSequence", options, { device, checking })),
  );
}

function fusedSequence(current: Tensor, options: LifSettings): LifResult {
  const { norm } = options;
  const steps = current.shape[0] ?? 0;
  const normalizedSteps = norm ? Math.min(steps, options.normalizedSteps ?? steps) : 0;
  const [spikes, membrane, counts, excess] = callMany("snnseg::lif_sequence", [
    current,
    norm?.scale ?? null,
    norm?.runningMean ?? null,
    norm?.runningVar ?? null,
    options.threshold,
    options.initial ?? null,
    norm?.training ?? false,
    norm?.momentum ?? 0,
    norm?.eps ?? 0,
    typeof options.leak === "number" ? full([1], options.leak) : options.leak,
    options.imbalance,
    options.reset === "hard",
    surrogateCode("lifSequence", options.surrogate),
    normalizedSteps,
  ]);
  return { spikes: spikes!, membrane: membrane!, counts: counts!, excess: excess!, amplitude: 1, levels: 1 };
}
