/**
 * How large activations are, counted without keeping them: percentiles over a whole data set in a few kilobytes.
 * Bins are equally wide; when a value lies above the last one, pairs of bins merge until it fits.
 */

const binCount = 2048;

/** Counts of the values above 0 in bins from 0 to a growing range; of the others only how many. */
export class ActivationHistogram {
  readonly #counts = new Float64Array(binCount);
  #range = 0;
  #total = 0;
  #sum = 0;
  #max = 0;

  /**
   * Counts values of any order and number.
   *
   * @param values - finite; read, never written
   */
  add(values: Float32Array): void {
    for (const x of values) if (x > this.#max) this.#max = x;
    if (this.#max > 0) this.#makeRoom();
    const scale = binCount / this.#range;
    this.#total += values.length;
    for (const x of values) {
      if (!(x > 0)) continue;
      this.#sum += x;
      this.#counts[Math.min(binCount - 1, Math.floor(x * scale))]! += 1;
    }
  }

  /** Number of values, those of 0 and below included. */
  get total(): number {
    return this.#total;
  }

  /** Largest value, exact; 0 where none lies above 0. */
  get max(): number {
    return this.#max;
  }

  /** Mean of max(0, x). */
  get mean(): number {
    return this.#total > 0 ? this.#sum / this.#total : 0;
  }

  /** Share of the values above `x`, in [0, 1], exact to a bin. @param x - at least 0 */
  shareAbove(x: number): number {
    if (this.#total === 0 || x >= this.#max) return 0;
    const position = (x / this.#range) * binCount;
    const bin = Math.floor(position);
    let above = this.#counts[bin]! * (bin + 1 - position);
    for (let i = bin + 1; i < binCount; i++) above += this.#counts[i]!;
    return above / this.#total;
  }

  /** The value below which a share of all values lies, in [0, max]; exact to a bin. @param share - in [0, 1] */
  quantile(share: number): number {
    let above = (1 - share) * this.#total;
    for (let i = binCount - 1; i >= 0; i--) {
      const count = this.#counts[i]!;
      if (above < count) {
        const inside = above / count;
        return Math.min(this.#max, ((i + 1 - inside) / binCount) * this.#range);
      }
      above -= count;
    }
    return 0;
  }

  /**
   * Visits every bin that holds something, in ascending order.
   *
   * @param visit - told the middle of the bin and how many values lie in it
   */
  forEachBin(visit: (x: number, count: number) => void): void {
    for (let i = 0; i < binCount; i++) {
      const count = this.#counts[i]!;
      if (count > 0) visit(((i + 0.5) / binCount) * this.#range, count);
    }
  }

  /** Doubles the range until the largest value fits. */
  #makeRoom(): void {
    if (this.#range === 0) this.#range = this.#max;
    while (this.#range < this.#max) {
      for (let i = 0; i < binCount / 2; i++)
        this.#counts[i] = this.#counts[2 * i]! + this.#counts[2 * i + 1]!;
      this.#counts.fill(0, binCount / 2);
      this.#range *= 2;
    }
  }
}
