/** Temporal efficient training: every timestep of a spiking network has to be right by itself. */
import { checkNumber } from "../../checks/index.js";
import { add, call, flatten, mean, mul, scope, type Tensor } from "../../engine/index.js";

/** Settings of {@link perStepLoss}. */
export interface PerStepOptions {
  /**
   * The loss of one timestep.
   *
   * @param logits - `[T·N, K, H, W]`
   * @param labels - `[T·N, H, W]` int64
   */
  readonly lossOf: (logits: Tensor, labels: Tensor) => Tensor;
  /** λ in [0, 1). */
  readonly weight: number;
  /** φ, near which scores are kept (default 1, the threshold). */
  readonly target?: number;
}

/**
 * The loss of temporal efficient training (TET).
 *
 *     L = (1 − λ)·L₀(o, y) + λ·mean (o − φ)²
 *
 * over the scores o[t] of every timestep, each with the labels y. L₀ is a mean over the pixels of all timesteps, such as
 * cross-entropy; the distance from φ is one over all scores, those of void pixels too.
 *
 * @param stepLogits - o, `[T, N, K, H, W]`
 * @param labels - y, `[N, H, W]` int64
 * @param options - L₀, λ and φ
 * @throws OptionError if λ is not in [0, 1)
 * @see Deng et al. 2022, arXiv:2202.11946
 */
export function perStepLoss(stepLogits: Tensor, labels: Tensor, options: PerStepOptions): Tensor {
  const { lossOf, weight, target = 1 } = options;
  checkNumber("perStepLoss", "weight", weight, { least: 0, below: 1 });
  checkNumber("perStepLoss", "target", target);
  return scope("loss per step", () => {
    const [steps = 0] = stepLogits.shape;
    const scores = flatten(stepLogits, 0, 1); // [T·N, K, H, W]
    const fit = lossOf(scores, call("aten::repeat", [labels, [steps, 1, 1]]));
    const away = add(scores, -target);
    return add(mul(fit, 1 - weight), mul(mean(mul(away, away)), weight));
  });
}
