/** What Poisson coding cannot say: a value beyond ±1 fires at every timestep, as ±1 does. */

/** Counted over values. */
export type PoissonLoss = {
  readonly values: number;
  /** Of these with a magnitude above 1. */
  readonly cut: number;
  /** Largest magnitude. */
  readonly largest: number;
};

/** Counts `values`, on top of those counted before. */
export function poissonLoss(values: Float32Array, before?: PoissonLoss): PoissonLoss {
  let { cut, largest } = before ?? { cut: 0, largest: 0 };
  for (const value of values) {
    const magnitude = Math.abs(value);
    if (magnitude > 1) cut += 1;
    if (magnitude > largest) largest = magnitude;
  }
  return { values: (before?.values ?? 0) + values.length, cut, largest };
}

/** A sentence for people, where something is cut off. */
export function poissonLossWarning({ values, cut, largest }: PoissonLoss): string | undefined {
  if (cut === 0) return undefined;
  const share = (100 * cut) / values;
  return (
    `inputs reach ${largest.toPrecision(3)}, but Poisson coding cuts off at 1, which ${share.toFixed(share < 1 ? 2 : 0)} % ` +
    "of the values exceed; use --encoding direct, or --preprocessing paper or unit"
  );
}
