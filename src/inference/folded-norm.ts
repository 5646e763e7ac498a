/** Batch norm in evaluation, and the convolution's bias, as one factor and one offset per channel. */
import { add, clone, div, mul, sqrt, type Tensor, unsqueeze } from "../engine/index.js";
import { companion } from "../models/index.js";
import { BATCH_NORM_EPS } from "../nn/index.js";

/** What a convolution's sums pass through on their way to the neurons; tensors are the caller's. */
export interface FoldedNorm {
  /** `[T', C]`; absent without batch norm. T' is 1 where it is the same at every step. */
  readonly scale?: Tensor;
  /** `[T', C]`; absent where it is 0. */
  readonly shift?: Tensor;
}

/**
 * Folds the norm and the bias b of a layer:
 *
 *     scale[t] = γ[t]·(1 / sqrt(var[t] + ε)),  shift[t] = scale[t]·(b − mean[t])
 *
 * A norm that timesteps share gives one row, plus β; of `tebn` both are times p[t].
 *
 * @param state - of the network, by its tensors' names
 * @param name - of the convolution, or of a decoder's stage
 */
export function foldNorm(state: ReadonlyMap<string, Tensor>, name: string): FoldedNorm {
  const bias = state.get(`${name}.bias`);
  const norm = (part: string) => state.get(`${companion("bn", name)}.${part}`);
  const variance = norm("running_var");
  if (variance === undefined) return bias === undefined ? {} : { shift: unsqueeze(clone(bias), 0) };
  // Rounded as the operators of norm and neurons do it.
  const inverse = div(1, sqrt(add(variance, BATCH_NORM_EPS)));
  const gamma = norm("weight");
  const scale = gamma === undefined ? inverse : mul(inverse, gamma);
  const negative = mul(norm("running_mean")!, -1);
  const centred = mul(bias === undefined ? negative : add(negative, bias), scale);
  const beta = norm("bias");
  const shift = beta === undefined ? centred : add(centred, beta);
  const rows = (x: Tensor) => {
    if (x.shape.length === 2) return x;
    const factors = norm("p");
    return factors === undefined ? unsqueeze(x, 0) : mul(unsqueeze(factors, 1), unsqueeze(x, 0));
  };
  return { scale: rows(scale), shift: rows(shift) };
}
