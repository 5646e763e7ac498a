/** The density at which a kernel stops being faster than the plain twin. */

export type DensityTimes = { readonly density: number; readonly twin: number; readonly ours: number };

/**
 * Where the ratio of twin to ours falls below 1, interpolated linearly between measured densities.
 *
 * @param points - of one layer, by rising density
 * @returns 0 where ours is never faster, `undefined` where it is at all densities measured
 */
export function crossoverDensity(points: readonly DensityTimes[]): number | undefined {
  const gains = points.map(({ density, twin, ours }) => ({ density, gain: twin / ours - 1 }));
  const index = gains.findIndex(({ gain }) => gain < 0);
  if (index < 1) return index === 0 ? 0 : undefined;
  const [before, after] = [gains[index - 1]!, gains[index]!];
  const share = before.gain / (before.gain - after.gain);
  return before.density + share * (after.density - before.density);
}
