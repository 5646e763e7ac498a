/** What Poisson coding cannot say: a value beyond ±1 fires at every timestep, as ±1 does. */

/** What Poisson coding cuts off, counted over input values. */
export type PoissonLoss = {
  /** All that were counted. */
  readonly values: number;
  /** Of these with a magnitude above 1. */
  readonly cut: number;
  /** Largest magnitude. */
  readonly largest: number;
};

/**
 * Counts what Poisson coding cuts off.
 *
 * @param values - inputs of a network, in any order
 * @param before - counted so far, on top of which these come (default: nothing)
 */
export function poissonLoss(values: Float32Array, before?: PoissonLoss): PoissonLoss {
  let { cut, largest } = before ?? { cut: 0, largest: 0 };
  for (const value of values) {
    const magnitude = Math.abs(value);
    if (magnitude > 1) cut += 1;
    if (magnitude > largest) largest = magnitude;
  }
  return { values: (before?.values ?? 0) + values.length, cut, largest };
}

/** A sentence for people; `undefined` where nothing is cut off. @param loss - of {@link poissonLoss} */
export function poissonLossWarning({ values, cut, largest }: PoissonLoss): string | undefined {
  if (cut === 0) return undefined;
  const share = (100 * cut) / values;
  return (
    `inputs reach ${largest.toPrecision(3)}, but Poisson coding cuts off at 1, which ${share.toFixed(share < 1 ? 2 : 0)} % ` +
    "of the values exceed; use --encoding direct, or --preprocessing paper or unit"
  );
}
