/**
 * The layer on the input in whole numbers: float32 holds every sum of theirs, so that it does not depend on the order of adding, and
 * all runtimes answer alike.
 */
import type { ChannelScale } from "../datasets/index.js";
import type { FoldedConv, FoldedNetwork } from "./folded-network.js";

/** Whole numbers that stand for an input: `x ≈ step·k` with `|k| ≤ most`. */
export interface InputGrid {
  /** A power of 2, so that scaling by it rounds nothing. */
  readonly step: number;
  readonly most: number;
}

/** Weights of the layer on the input: `w ≈ step[o]·whole`. */
export interface WholeWeights {
  /** Of the convolution's shape. */
  readonly whole: Int32Array;
  /** `[O]`, above 0. */
  readonly steps: Float32Array;
}

/** Whole numbers up to this have a float32 each. */
const exactBelow = 2 ** 24;

/** The finest grid has so many steps on either side of 0. */
const finest = 2 ** 10;

/**
 * The grid for what a network sees.
 *
 * @param scale - how pictures become channels; absent for frames of events, which lie within ±0.5
 * @param encoding - Poisson spikes are −1, 0 and 1
 */
export function inputGrid(
  scale: readonly Omit<ChannelScale, "source">[] | undefined,
  encoding: "direct" | "poisson" | "sequence",
): InputGrid {
  const reached = (scale ?? []).flatMap(({ subtract, divide }) =>
    [0, 255].map((x) => Math.abs((x - subtract) / divide)),
  );
  const largest = encoding === "poisson" ? 1 : Math.max(0.5, ...reached);
  const step = 2 ** Math.ceil(Math.log2(largest / finest));
  return { step, most: Math.ceil(largest / step) };
}

/**
 * Rounds weights as finely as sums of their products with a grid allow: `Σ|whole|·most ≤ 2²⁴` for each output.
 *
 *     whole = round(w / step),  step = Σ|w| / (2²⁴ / most − n / 2 − 1),  n weights an output
 */
export function wholeWeights(
  { weight, shape: [outputs = 1] }: FoldedConv,
  { most }: InputGrid,
): WholeWeights {
  const perOutput = weight.length / outputs;
  const room = exactBelow / most - perOutput / 2 - 1;
  const steps = Float32Array.from({ length: outputs }, (_, o) => {
    const row = weight.subarray(o * perOutput, (o + 1) * perOutput);
    return row.reduce((sum, w) => sum + Math.abs(w), 0) / room || 1;
  });
  const whole = Int32Array.from(weight, (w, i) => Math.round(w / steps[Math.floor(i / perOutput)]!));
  return { whole, steps };
}

/** The factors of a convolution's norm behind sums of integers: those of the weights' steps in them. */
export function steppedScale({ scale }: FoldedConv, steps: Float32Array): Float32Array {
  return (scale ?? new Float32Array(steps.length).fill(1)).map(
    (factor, i) => factor * steps[i % steps.length]!,
  );
}

/** Whether the input is read by one convolution alone, of a network that sends integers: what grids are for. */
export function readsInWholeNumbers({ plan, activations }: FoldedNetwork): boolean {
  return plan.layers[0]?.kind === "conv" && [...activations.values()].some(({ kind }) => kind === "spiking");
}
