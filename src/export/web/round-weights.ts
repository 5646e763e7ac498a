/** Weights of 8 bits, as the integer kernels round them (native/kernels/drivers/quantize.h). */
const { fround } = Math;

/** The highest integer. */
const highest = 127;

/** Steps below this have no finite reciprocal: their weights are 0. */
const smallestNormal = 2 ** -126;

/** w ≈ step·q, one step an output channel. */
export interface RoundedWeights {
  /** `[O, …]`. */
  readonly integers: Int8Array;
  /** `[O]`. */
  readonly step: Float32Array;
}

/**
 * Rounds weights to 8 bits.
 *
 *     q = round(w / step),  step = max|w| / 127   per output channel
 *
 * @param weight - `[O, …]`, finite; not changed
 * @param outputs - O
 */
export function roundWeights(weight: Float32Array, outputs: number): RoundedWeights {
  const perOutput = weight.length / outputs;
  const integers = new Int8Array(weight.length);
  const steps = new Float32Array(outputs);
  for (let o = 0; o < outputs; o++) {
    const row = weight.subarray(o * perOutput, (o + 1) * perOutput);
    const step = fround(row.reduce((most, w) => Math.max(most, Math.abs(w)), 0) / highest);
    const inverse = step >= smallestNormal ? fround(1 / step) : 0;
    steps[o] = step;
    for (let i = 0; i < perOutput; i++) {
      const scaled = fround(row[i]! * inverse);
      const rounded = Math.trunc(fround(scaled + Math.sign(scaled) * 0.5));
      integers[o * perOutput + i] = Math.max(-highest, Math.min(highest, rounded));
    }
  }
  return { integers, step: steps };
}
