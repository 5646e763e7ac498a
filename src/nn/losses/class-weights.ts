/** Weights of classes against their imbalance. */
import { checkNumber } from "../../checks/index.js";

/**
 * Median frequency balancing: a class as common as the median of those that occur weighs 1, rarer ones more.
 *
 *     w[k] = median(f)/f[k],  f[k] = pixels[k]/imagePixels[k]; 1 where a class does not occur
 *
 * @param pixels - pixels per class of the training split
 * @param imagePixels - all pixels, void ones too, of the images in which each class occurs
 * @throws OptionError if a count is no number of 0 or more
 * @see Eigen & Fergus 2015, arXiv:1411.4734, section 6.3.2
 */
export function medianFrequencyWeights(
  pixels: ArrayLike<number>,
  imagePixels: ArrayLike<number>,
): Float32Array {
  for (const count of Array.from(pixels)) {
    checkNumber("medianFrequencyWeights", "each count of pixels", count, { least: 0 });
  }
  const frequencies = Array.from(pixels, (count, k) => (count > 0 ? count / (imagePixels[k] as number) : 0));
  const occurring = frequencies.filter((frequency) => frequency > 0).sort((a, b) => a - b);
  const middle = occurring.length / 2;
  const median =
    occurring.length % 2 === 1
      ? occurring[Math.floor(middle)]!
      : ((occurring[middle - 1] ?? 0) + (occurring[middle] ?? 0)) / 2;
  return Float32Array.from(frequencies, (frequency) => (frequency > 0 ? median / frequency : 1));
}

/**
 * Weights that rise slowly as classes get rarer, and stay below 1/log(c): 50.5 for c = 1.02, 10.5 for 1.1.
 *
 *     w[k] = 1/log(c + p[k]),  p = shares of the pixels that are not void
 *
 * @param pixels - pixels per class of the training split
 * @param offset - c, above 1 (default 1.02, as in ENet; ERFNet and ESPNet have 1.1)
 * @throws OptionError unless `offset` is above 1
 * @see Paszke et al. 2016, ENet, arXiv:1606.02147, section 5.2
 */
export function logWeights(pixels: ArrayLike<number>, offset = 1.02): Float32Array {
  checkNumber("logWeights", "offset", offset, { above: 1 });
  const all = Array.from(pixels).reduce((sum, count) => sum + count, 0);
  return Float32Array.from(pixels, (count) => 1 / Math.log(offset + count / Math.max(1, all)));
}
