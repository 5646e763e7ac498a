/** The statistics of several splits as if they were one. */
import { OptionError } from "../../errors.js";
import type { ChannelStatistics, DatasetStatistics } from "./dataset-statistics.js";

/**
 * Counts add up; shares, means and deviations are those of all values together.
 *
 * @param parts - of splits of one data set that have no example in common
 * @throws OptionError if there is none
 */
export function mergeStatistics(parts: readonly DatasetStatistics[]): DatasetStatistics {
  const [first] = parts;
  if (first === undefined)
    throw new OptionError("merge statistics: expected at least one split, received none");
  const total = (count: (part: DatasetStatistics) => number) =>
    parts.reduce((sum, part) => sum + count(part), 0);
  const pixels = total((part) => part.pixels);
  const voidPixels = total((part) => part.voidPixels);
  const sizes = new Map<string, DatasetStatistics["sizes"][number]>();
  for (const { size, examples } of parts.flatMap((part) => part.sizes)) {
    const key = size.join("x");
    sizes.set(key, { size, examples: examples + (sizes.get(key)?.examples ?? 0) });
  }
  return {
    ...{ name: first.name, split: parts.map(({ split }) => split).join(" + ") },
    ...{ examples: total((part) => part.examples), pixels, voidPixels },
    sizes: [...sizes.values()].sort((a, b) => b.examples - a.examples),
    classes: first.classes.map(({ name }, id) => {
      const count = total((part) => part.classes[id]?.pixels ?? 0);
      const examples = total((part) => part.classes[id]?.examples ?? 0);
      return { name, pixels: count, share: count / Math.max(1, pixels - voidPixels), examples };
    }),
    voidShare: voidPixels / Math.max(1, pixels),
    voidExamples: total((part) => part.voidExamples),
    channels: first.channels.map((_, c) => mergeChannel(parts, c)),
  };
}

/** Var = E[x²] − E[x]², each an average over the splits by their pixels. */
function mergeChannel(parts: readonly DatasetStatistics[], c: number): ChannelStatistics {
  const filled = parts.flatMap(({ channels, pixels }) => {
    const channel = channels[c];
    return channel === undefined || pixels === 0 ? [] : [{ ...channel, pixels }];
  });
  const pixels = filled.reduce((sum, part) => sum + part.pixels, 0);
  const average = (value: (part: ChannelStatistics) => number) =>
    filled.reduce((sum, part) => sum + value(part) * (part.pixels / pixels), 0);
  const mean = average((part) => part.mean);
  const squares = average((part) => part.std ** 2 + part.mean ** 2);
  return {
    mean,
    std: Math.sqrt(Math.max(0, squares - mean * mean)),
    min: Math.min(...filled.map(({ min }) => min)),
    max: Math.max(...filled.map(({ max }) => max)),
  };
}
