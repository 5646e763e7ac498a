/** Batch norm and the activation behind it in one native operator. */
import { callMany, scope, type Tensor } from "../engine/index.js";
import { BATCH_NORM_EPS, BATCH_NORM_MOMENTUM, type BatchNorm2d } from "./batch-norm.js";

/** Neurons of one timestep that begin at rest and send integers. */
export interface IntegerActivation {
  /** D, from 1 to 127. */
  readonly levels: number;
  /** a: what one spike is worth to the next layer, above 0, or its `"threshold"`. */
  readonly amplitude: number | "threshold";
  /** ϑ above 0, `[1]` or `[C]`; backward gives its gradient where it asks for one. */
  readonly threshold: Tensor;
}

/** What an activation behind a norm gives. */
export interface ActivatedMap {
  /** y, of the input's shape. Carries the gradient. */
  readonly output: Tensor;
  /** Sum of k, `[1]` int64; 0 of ReLUs. */
  readonly counts: Tensor;
  /** Sum of n/ϑ − 1, `[1]` float64; without a meaning of ReLUs. */
  readonly excess: Tensor;
}

/**
 * A batch norm and what answers it without a memory:
 *
 *     n = BN(z)                                    or z
 *     y = max(0, n)                                ReLU
 *     y = a·⌊clip(n/ϑ, 0, D) + ½⌋                  integers
 *
 * Backward takes dk/d(n/ϑ) for 1 where 0 ≤ n/ϑ ≤ D, else 0. One native operator, which reads a map twice and writes it once;
 * its plain twin is the norm's `forward` with `relu`, or with `neuronSequence` over one timestep. In training the norm's running
 * statistics are written in place.
 *
 * @param input - z, `[N, C, H, W]` float32, where `hasFusedOperators` says so
 * @param norm - BN, of C channels; `undefined` for none
 * @param integers - neurons instead of ReLUs
 * @throws NativeError if shapes do not fit, or a threshold on the CPU is 0 or below; those on a GPU are read with what a network counts
 * @internal
 */
export function normalizedActivation(
  input: Tensor,
  norm: BatchNorm2d | undefined,
  integers?: IntegerActivation,
): ActivatedMap {
  return scope("normalizedActivation", () => {
    const { amplitude = 0 } = integers ?? {};
    const [output, counts, excess] = callMany("snnseg::normalized_activation", [
      ...[input, norm?.scale ?? null, norm?.shift ?? null],
      ...[norm?.runningMean ?? null, norm?.runningVar ?? null, integers?.threshold ?? null],
      ...[norm?.training ?? false, BATCH_NORM_MOMENTUM, BATCH_NORM_EPS],
      ...[integers?.levels ?? 0, amplitude === "threshold" ? 0 : amplitude],
    ]);
    return { output: output!, counts: counts!, excess: excess! };
  });
}
