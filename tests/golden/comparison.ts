/** Collects how far our numbers lie from a case's, and whether each is within its bound. */

/** The bounds of the golden cases, by quantity. */
export const tolerances = {
  output: 5e-5,
  loss: 2e-6,
  runningStatistics: 1e-5,
  parameters: 2e-5,
  parameterChange: 5e-3,
  thresholds: 1e-4,
  scores: 1e-6,
  vocImage: 2e-5,
  ddd17Image: 2e-4,
  membrane: 5e-5,
} as const;

/** Bound of gradients, which depends on how steep the surrogate is. */
export function gradientTolerance(surrogate: string | undefined): number {
  if (surrogate === "FastSigm") return 4e-3;
  return surrogate === "Exp" ? 2e-4 : 1e-4;
}

export class Comparison {
  /** What lay outside its bound, in words. */
  readonly failures: string[] = [];
  largestAbsolute = 0;
  largestRelative = 0;

  /** |ours − theirs| ≤ bound·scale for every element. */
  within(
    what: string,
    ours: ArrayLike<number>,
    theirs: ArrayLike<number>,
    bound: number,
    scale: number,
  ): void {
    if (ours.length !== theirs.length) {
      this.failures.push(`${what}: expected ${theirs.length} values, received ${ours.length}`);
      return;
    }
    let absolute = 0;
    for (let i = 0; i < theirs.length; i++) {
      const difference = Math.abs(Number(ours[i]) - Number(theirs[i]));
      // NaN compares false with everything; it must not pass.
      if (!(difference <= absolute)) absolute = difference;
    }
    const relative = scale > 0 ? absolute / scale : absolute;
    this.#record(absolute, relative);
    if (!(relative <= bound)) {
      this.failures.push(
        `${what}: difference ${relative.toExponential(2)} exceeds ${bound.toExponential(0)}`,
      );
    }
  }

  /** Relative difference of two numbers. */
  relative(what: string, ours: number, theirs: number, bound: number, scale = Math.abs(theirs)): void {
    this.within(what, [ours], [theirs], bound, scale);
  }

  /** Equality, for counts and labels. */
  equal(what: string, ours: ArrayLike<number>, theirs: ArrayLike<number>): void {
    this.within(what, ours, theirs, 0, 1);
  }

  #record(absolute: number, relative: number): void {
    if (!(absolute <= this.largestAbsolute)) this.largestAbsolute = absolute;
    if (!(relative <= this.largestRelative)) this.largestRelative = relative;
  }
}

/** Largest magnitude. */
export function maxAbs(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest;
}
