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
 * Sources: Kim & Panda 2020, arXiv:2010.01729 (BNTT); Neftci et al. 2019, arXiv:1901.09948 (surrogates).
 */
import { callMany, scope, type Tensor } from "../engine/index.js";
import { checkedLifOptions } from "./check-neurons.js";
import type { LifOptions, LifResult, LifSettings } from "./lif-options.js";
import { lifSequenceReference } from "./lif-sequence-reference.js";
import { surrogateCode } from "./surrogates.js";

/**
 * All timesteps in one native operator: forward and backward, multi-threaded, the same for any number of threads.
 * On devices other than the CPU the plain twin {@link lifSequenceReference} runs.
 *
 * @param current - i, `[T, N, C, H, W]` float32
 * @throws OptionError if an option is unknown or out of its range, or the surrogate is none of the fused kernels'; NativeError
 *   if shapes do not fit
 */
export function lifSequence(current: Tensor, options: LifOptions = {}): LifResult {
  if (current.device !== "cpu") return lifSequenceReference(current, options);
  return scope("lifSequence", () =>
    fusedSequence(current, checkedLifOptions("lifSequence", options, current.device)),
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
    options.leak,
    options.imbalance,
    options.reset === "hard",
    surrogateCode("lifSequence", options.surrogate),
    normalizedSteps,
  ]);
  return { spikes: spikes!, membrane: membrane!, counts: counts!, excess: excess! };
}
