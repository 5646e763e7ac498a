/**
 * The output of a spiking network: it integrates without leak and never fires. As it is linear, what it reads is summed
 * over time first and convolved once. A 1x1 output divides by T; the decoder, as in the reference, does not.
 */
import { add, mul, reshape, type Tensor } from "../../engine/index.js";
import { type PlannedDecoder, walkDecoder } from "../plan/index.js";
import { type SnnParts, type SpikingStage, skipOf } from "./snn-parts.js";
import type { SpikingState } from "./spiking-state.js";

/** What the output reads of a chunk, each `[N, C, h, w]`. */
export interface OutputSums {
  /** Spikes over time of the last map, for a 1x1 output. */
  readonly last: () => Tensor;
  /** Spikes over time of the neurons that a skip reads, for a decoder. */
  readonly skip: (name: string) => Tensor;
  /** Spikes over time of the last stage that fires; absent where none does. */
  readonly decoded: Tensor | undefined;
}

/** Adds a chunk to what has been integrated. */
export function integrateOutput(
  state: SpikingState,
  decoder: PlannedDecoder | undefined,
  { last, skip, decoded }: OutputSums,
): void {
  if (decoder === undefined) {
    state.integrate("output", last());
    return;
  }
  const integrating = decoder.stages.filter(({ fires }) => !fires).map((stage) => stage.skip);
  if (decoded) state.integrate("decoder", decoded);
  for (const name of decoded ? integrating : [decoder.deepest, ...integrating]) {
    state.integrate(name, skip(name));
  }
}

/** Scores of what has been integrated, `[N, K, H, W]`; the decoder's are of its shallowest skip's size. */
export function readScores(
  parts: SnnParts,
  state: SpikingState,
  { decoder, timesteps }: { readonly decoder: PlannedDecoder | undefined; readonly timesteps: number },
): Tensor {
  if (decoder === undefined) {
    return parts.output!.forward(mul(state.integral("output"), 1 / Math.min(state.step, timesteps)));
  }
  const linear = (skip: string) => skipOf(parts, skip).forwardLinear(state.integral(skip));
  const bias = (skip: string) => reshape(mul(skipOf(parts, skip).bias!, state.step), [-1, 1, 1]);
  const raise = ({ up }: SpikingStage, x: Tensor) => up.forward(x);
  const pass = (_: SpikingStage, sum: Tensor) => sum;
  if (!parts.stages.some(({ fires }) => fires)) {
    const scoresOf = (skip: string) => add(linear(skip), bias(skip));
    return walkDecoder(scoresOf(decoder.deepest), parts.stages, {
      raise,
      scoresOf: ({ skip }) => scoresOf(skip),
      pass,
    });
  }
  // Only the last stage integrates; its bias comes last, as numbers are added in this order.
  const last = parts.stages.at(-1)!;
  const scoresOf = ({ skip }: SpikingStage) => linear(skip);
  const scores = walkDecoder(state.integral("decoder"), [last], { raise, scoresOf, pass });
  return add(scores, bias(last.skip));
}
