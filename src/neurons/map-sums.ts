/** Sums over whole layers, without a copy of them in a longer type. */
import { reshape, sum, type Tensor } from "../engine/index.js";

/** Up to here float32 has every whole number. */
const WHOLE = 2 ** 24;

/**
 * Sums of each map, or of each row where float32 might not hold the sum of a map of whole numbers: exact for those.
 *
 * @param x - `[…, H, W]` float32
 * @param most - the largest magnitude of whole numbers in it (default 1)
 * @returns `[…]` or `[…, H]` float32
 */
export function mapSums(x: Tensor, most = 1): Tensor {
  const [height = 1, width = 1] = x.shape.slice(-2);
  return sum(x, height * width * most <= WHOLE ? [-2, -1] : [-1]);
}

/** Σ over everything but the first axis. @param sums - `[T, …]`, of {@link mapSums} */
export function stepSums(sums: Tensor, dtype: "int64" | "float64"): Tensor {
  return sum(reshape(sums, [sums.shape[0] ?? 0, -1]), [1], { dtype });
}
