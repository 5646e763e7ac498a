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
import { callMany, type Tensor } from "../engine/index.js";
import { checkLifOptions, type Dynamics } from "./check-neurons.js";
import { lifSequenceReference } from "./lif-sequence-reference.js";
import { surrogateCode } from "./surrogates.js";

/** Batch norm through time: one set of statistics and scales per timestep, each `[T, C]`. */
export interface TemporalNorm {
  /** Learnt scale γ. */
  readonly scale: Tensor;
  readonly runningMean: Tensor;
  readonly runningVar: Tensor;
  /** Normalise with the batch's statistics and update the running ones in place. */
  readonly training: boolean;
  readonly momentum: number;
  readonly eps: number;
}

export interface LifOptions extends Dynamics {
  /** ϑ, 0 or more: one value, `[C]` or `[C, H, W]`. */
  readonly threshold: Tensor;
  readonly norm?: TemporalNorm | undefined;
  /** How many of the timesteps are normalised (default: all that `norm` covers). */
  readonly normalizedSteps?: number;
  /** v before the first timestep, `[N, C, H, W]`; 0 when absent. Read, never written. */
  readonly initial?: Tensor | undefined;
}

export interface LifResult {
  /** s in {0, 1}, `[T, N, C, H, W]`; carries the gradient. */
  readonly spikes: Tensor;
  /** v after the last timestep, `[N, C, H, W]`; carries none. */
  readonly membrane: Tensor;
  /** Spikes per timestep over the whole batch, `[T]` int64. */
  readonly counts: Tensor;
  /** Sum of u/ϑ − 1 per timestep over the whole batch, `[T]` float64. */
  readonly excess: Tensor;
}

/**
 * All timesteps in one native operator: forward and backward, multi-threaded, the same for any number of threads.
 * On devices other than the CPU the plain twin {@link lifSequenceReference} runs.
 *
 * @param current - i, `[T, N, C, H, W]` float32
 * @throws OptionError if an option is unknown or out of its range, or the surrogate is none of the fused kernels'; NativeError
 *   if shapes do not fit
 */
export function lifSequence(current: Tensor, options: LifOptions): LifResult {
  if (current.device !== "cpu") return lifSequenceReference(current, options);
  checkLifOptions("lifSequence", options);
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
