/**
 * One-dimensional sampling operators, stored as the few inputs and weights that each output needs.
 *
 * Borders are mirrored without repeating the edge: … c b | a b c d | c b …
 */

/** A linear map of `inputs` samples to `outputs` ones; output j reads inputs `first[j]` … `first[j] + count[j] − 1`. */
export interface Sampling {
  readonly inputs: number;
  readonly outputs: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** Row j of the weights starts at `j·stride`; every row sums to 1. */
  readonly weights: Float64Array;
  readonly stride: number;
}

/** The index that a mirrored border shows at `index`. */
export function mirrored(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const folded = ((index % period) + period) % period;
  return folded < length ? folded : period - folded;
}

/**
 * Weights of a Gaussian, normalised to sum 1.
 *
 *     g(k) ∝ exp(−k² / 2σ²),  |k| ≤ ⌊4σ + ½⌋;  σ = 0 gives [1]
 */
export function gaussianKernel(sigma: number): Float64Array {
  const radius = Math.floor(4 * sigma + 0.5);
  if (sigma <= 0 || radius === 0) return Float64Array.of(1);
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, k) =>
    Math.exp(-0.5 * ((k - radius) / sigma) ** 2),
  );
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  return kernel.map((weight) => weight / sum);
}

/** Gaussian smoothing of `length` samples. */
export function gaussianSampling(length: number, sigma: number): Sampling {
  const kernel = gaussianKernel(sigma);
  const radius = (kernel.length - 1) / 2;
  return compile(length, length, (j, add) => {
    kernel.forEach((weight, k) => {
      add(j + k - radius, weight);
    });
  });
}

/**
 * Resampling of `inputs` samples to `outputs` in one step: anti-alias Gaussian, then linear interpolation.
 *
 *     σ = max(0, (inputs/outputs − 1)/2),  position of output j = (j + ½)·inputs/outputs − ½
 *
 * Both are linear maps, so their product is compiled once and costs no more than the Gaussian alone.
 */
export function resizeSampling(inputs: number, outputs: number): Sampling {
  const scale = inputs / outputs;
  const kernel = gaussianKernel(Math.max(0, (scale - 1) / 2));
  const radius = (kernel.length - 1) / 2;
  return compile(inputs, outputs, (j, add) => {
    const position = (j + 0.5) * scale - 0.5;
    const left = Math.floor(position);
    const share = position - left;
    for (const [base, portion] of [
      [left, 1 - share],
      [left + 1, share],
    ] as const) {
      if (portion === 0) continue;
      // The smoothed signal is mirrored too, so fold its index before smoothing.
      const centre = mirrored(base, inputs);
      kernel.forEach((weight, k) => {
        add(centre + k - radius, weight * portion);
      });
    }
  });
}

/** The outputs `from` … `from + outputs − 1` of a sampling; shares its memory. */
export function samplingPart(sampling: Sampling, from: number, outputs: number): Sampling {
  const { stride, weights, first, count } = sampling;
  return {
    ...{ inputs: sampling.inputs, outputs, stride },
    weights: weights.subarray(from * stride, (from + outputs) * stride),
    first: first.subarray(from, from + outputs),
    count: count.subarray(from, from + outputs),
  };
}

/** The inputs `from` … `from + inputs − 1`, which are all that a sampling reads, and the sampling of these alone. */
export function inputsRead(sampling: Sampling): { readonly from: number; readonly sampling: Sampling } {
  const { first, count } = sampling;
  const from = first.reduce((least, input) => Math.min(least, input), sampling.inputs);
  const to = first.reduce((most, input, j) => Math.max(most, input + (count[j] as number)), 0);
  const shifted = { ...sampling, inputs: to - from, first: first.map((input) => input - from) };
  return { from, sampling: shifted };
}

type AddWeight = (index: number, weight: number) => void;

/** Folds mirrored indices together and keeps, for each output, the range of inputs with a weight. */
function compile(inputs: number, outputs: number, row: (j: number, add: AddWeight) => void): Sampling {
  const rows: { first: number; weights: Float64Array }[] = [];
  const dense = new Float64Array(inputs);
  for (let j = 0; j < outputs; j++) {
    let low = inputs;
    let high = -1;
    row(j, (index, weight) => {
      const i = mirrored(index, inputs);
      dense[i] = (dense[i] as number) + weight;
      low = Math.min(low, i);
      high = Math.max(high, i);
    });
    rows.push({ first: low, weights: dense.slice(low, high + 1) });
    dense.fill(0, low, high + 1);
  }
  const stride = Math.max(...rows.map((r) => r.weights.length));
  const weights = new Float64Array(outputs * stride);
  rows.forEach((r, j) => {
    weights.set(r.weights, j * stride);
  });
  return {
    inputs,
    outputs,
    stride,
    weights,
    first: Int32Array.from(rows, (r) => r.first),
    count: Int32Array.from(rows, (r) => r.weights.length),
  };
}
