/** Histograms of numbers, as TensorBoard stores them. */

export interface Histogram {
  readonly min: number;
  readonly max: number;
  /** How many finite numbers. */
  readonly count: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** Right edges of the buckets, ascending. */
  readonly limits: Float64Array;
  readonly counts: Float64Array;
}

/** Equal buckets from the smallest to the largest finite number; NaN and infinities are left out. */
export function histogramOf(values: ArrayLike<number>, { buckets = 30 } = {}): Histogram {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let count = 0;
  let sum = 0;
  let sumSquares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    count += 1;
    sum += value;
    sumSquares += value * value;
  }
  if (count === 0) {
    return {
      min: 0,
      max: 0,
      count,
      sum,
      sumSquares,
      limits: Float64Array.of(0),
      counts: new Float64Array(1),
    };
  }
  const width = (max - min) / buckets;
  const size = width > 0 ? buckets : 1;
  const counts = new Float64Array(size);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isFinite(value)) counts[Math.min(size - 1, Math.floor((value - min) / (width || 1)))]! += 1;
  }
  const limits = Float64Array.from({ length: size }, (_, i) =>
    i === size - 1 ? max : min + (i + 1) * width,
  );
  return { min, max, count, sum, sumSquares, limits, counts };
}
