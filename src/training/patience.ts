/** When a run has waited long enough for something better. */

/**
 * Whether the last `patience` evaluations brought nothing better than an earlier one.
 *
 * @param evalEvery - epochs between evaluations
 */
export function isPatienceOver(
  { best, latest }: { readonly best: { epoch: number } | null; readonly latest: { epoch: number } | null },
  { patience, evalEvery }: { readonly patience: number | null; readonly evalEvery: number },
): boolean {
  if (patience === null || best === null || latest === null) return false;
  return latest.epoch - best.epoch >= patience * evalEvery;
}
