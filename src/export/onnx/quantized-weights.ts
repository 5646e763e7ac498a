/** Weights as bytes with a step for each output channel. */
import type { FoldedConv } from "../folded-network.js";

/** `W ≈ step[o]·bytes`, with what a code of the input is worth taken into W. */
export interface QuantizedWeights {
  /** Of the convolution's shape, −127 … 127. */
  readonly bytes: Int8Array;
  /** `[O]`, above 0. */
  readonly steps: Float32Array;
}

/**
 * Rounds the weights that codes are multiplied with.
 *
 * @param scales - what a code of each input channel is worth
 */
export function quantizedWeights(
  { weight, shape: [outputs = 1, inputs = 1] }: FoldedConv,
  scales: Float32Array,
): QuantizedWeights {
  const perOutput = weight.length / outputs;
  const taps = perOutput / inputs;
  const depthwise = inputs === 1 && scales.length > 1;
  const worth = (o: number, n: number) => scales[depthwise ? o : Math.floor(n / taps)]!;
  const bytes = new Int8Array(weight.length);
  const steps = new Float32Array(outputs);
  for (let o = 0; o < outputs; o++) {
    const row = weight.subarray(o * perOutput, (o + 1) * perOutput).map((w, n) => w * worth(o, n));
    const largest = row.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
    const step = largest === 0 ? 1 : Math.fround(largest / 127);
    steps[o] = step;
    row.forEach((w, n) => {
      bytes[o * perOutput + n] = Math.round(w / step);
    });
  }
  return { bytes, steps };
}

/** Sums of the negative and of the positive bytes of each output: what results lie between, for codes up to 1. */
export function reach({ bytes, steps }: QuantizedWeights): { readonly low: number; readonly high: number }[] {
  const perOutput = bytes.length / steps.length;
  return Array.from(steps, (_, o) => {
    const row = Array.from(bytes.subarray(o * perOutput, (o + 1) * perOutput));
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    return { low: sum(row.filter((w) => w < 0)), high: sum(row.filter((w) => w > 0)) };
  });
}
