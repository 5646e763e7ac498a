/** Finds a network's layers by the names of its weights, as the reference and we write them. */

/**
 * Names of convolutions from input to output, such as `features.0` and `classifier.1`; skips and decoder left out.
 *
 * @param keys - of a state dict, in any order
 */
export function convolutionNames(keys: Iterable<string>): string[] {
  const found: { readonly part: string; readonly index: number }[] = [];
  for (const key of keys) {
    const match = /^(features|classifier)\.(\d+)\.weight$/.exec(key);
    if (match) found.push({ part: match[1]!, index: Number(match[2]) });
  }
  // "features" before "classifier", each by number.
  found.sort((a, b) => b.part.localeCompare(a.part) || a.index - b.index);
  return found.map(({ part, index }) => `${part}.${index}`);
}

/**
 * Names of the layers that fire in a spiking network with these weights: DeepLab's last convolution only integrates;
 * FCN's decoder fires in its first two stages.
 *
 * @param keys - of a state dict, in any order
 */
export function spikingLayerNames(keys: Iterable<string>): string[] {
  const all = [...keys];
  const convolutions = convolutionNames(all);
  const isFcn = all.some((key) => key.startsWith("upsample."));
  return isFcn ? [...convolutions, "upsample.0", "upsample.1"] : convolutions.slice(0, -1);
}
