/** Weights of classes against their imbalance. */
import { checkNumber } from "../../checks/index.js";

/**
 * Median frequency balancing: a class as common as the median of those that occur weighs 1, rarer ones more.
 *
 *     w[k] = median(f)/f[k],  f = shares of pixels; 1 where a class does not occur
 *
 * @param pixels - pixels per class of the training split
 * @throws OptionError if a count is no number of 0 or more
 * @see Eigen & Fergus 2015, arXiv:1411.4734, section 6.3.2
 */
export function medianFrequencyWeights(pixels: ArrayLike<number>): Float32Array {
  for (const count of Array.from(pixels)) {
    checkNumber("medianFrequencyWeights", "each count of pixels", count, { least: 0 });
  }
  const occurring = Array.from(pixels)
    .filter((count) => count > 0)
    .sort((a, b) => a - b);
  const middle = occurring.length / 2;
  const median =
    occurring.length % 2 === 1
      ? occurring[Math.floor(middle)]!
      : ((occurring[middle - 1] ?? 0) + (occurring[middle] ?? 0)) / 2;
  return Float32Array.from(pixels, (count) => (count > 0 ? median / count : 1));
}
