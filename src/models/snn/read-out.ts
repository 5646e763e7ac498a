/**
 * The output of a spiking network: it integrates without leak and never fires. As it is linear, what it reads is summed
 * over time first and convolved once. A 1x1 output divides by T; the decoder, as in the reference, does not.
 */
import { add, mul, reshape, scope, type Tensor } from "../../engine/index.js";
import type { Conv2d } from "../../nn/index.js";
import { type NetworkPlan, type PlannedStage, resizedTo, walkDecoder } from "../plan/index.js";
import type { SpikingStage } from "./snn-parts.js";
import type { SpikingState } from "./spiking-state.js";

/** What the output reads of a chunk, each `[N, C, h, w]`. */
export interface OutputSums {
  /** Spikes over time of the last map, for a 1x1 output. */
  readonly last: () => Tensor;
  /** Spikes over time of the neurons that a skip reads, for a decoder. @param name - the skip's, `skips_features.2` */
  readonly skip: (name: string) => Tensor;
  /** Spikes over time of the last stage that fires; absent where none does. */
  readonly decoded: Tensor | undefined;
}

/** The layers that the output reads with. */
export interface OutputLayers {
  /** The 1x1 output; absent where a decoder makes the scores. */
  readonly output: Conv2d | undefined;
  readonly stages: readonly Omit<SpikingStage, "lif">[];
  readonly skips: ReadonlyMap<string, Conv2d>;
}

/** Integrates what the output reads, and makes scores of it. */
export class ReadOut implements Disposable {
  readonly #layers: OutputLayers;
  readonly #plan: Pick<NetworkPlan, "decoder" | "alignCorners">;
  readonly #timesteps: number;

  constructor(
    layers: OutputLayers,
    plan: Pick<NetworkPlan, "decoder" | "alignCorners">,
    { timesteps }: { readonly timesteps: number },
  ) {
    this.#layers = layers;
    this.#plan = plan;
    this.#timesteps = timesteps;
  }

  /** Adds a chunk to what `state` has integrated. */
  integrate(state: SpikingState, { last, skip, decoded }: OutputSums): void {
    const { decoder } = this.#plan;
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

  /** Scores of what has been integrated, `[N, K, H, W]` in the size asked for. */
  scores(state: SpikingState, size: readonly [number, number]): Tensor {
    return scope("read out", () => resizedTo(this.#scores(state), size, this.#plan));
  }

  /** The same with weights of its own; the caller disposes it. */
  copy(): ReadOut {
    const { output, stages, skips } = this.#layers;
    const layers = {
      output: output?.copy(),
      stages: stages.map((stage) => ({ ...stage, up: stage.up.copy() })),
      skips: new Map([...skips].map(([name, conv]) => [name, conv.copy()])),
    };
    return new ReadOut(layers, this.#plan, { timesteps: this.#timesteps });
  }

  /** Frees the layers, of a copy. */
  dispose(): void {
    const { output, stages, skips } = this.#layers;
    for (const layer of [output, ...stages.map(({ up }) => up), ...skips.values()]) layer?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** The decoder's are of its shallowest skip's size. */
  #scores(state: SpikingState): Tensor {
    const { output, stages, skips } = this.#layers;
    const { decoder } = this.#plan;
    if (decoder === undefined) {
      return output!.forward(mul(state.integral("output"), 1 / Math.min(state.step, this.#timesteps)));
    }
    const linear = (skip: string) => skips.get(skip)!.forwardLinear(state.integral(skip));
    const bias = (skip: string) => reshape(mul(skips.get(skip)!.bias!, state.step), [-1, 1, 1]);
    const raise = ({ up }: OutputLayers["stages"][number], x: Tensor) => up.forward(x);
    const pass = (_: unknown, sum: Tensor) => sum;
    if (!stages.some(({ fires }) => fires)) {
      const scoresOf = (skip: string) => add(linear(skip), bias(skip));
      return walkDecoder(scoresOf(decoder.deepest), stages, {
        raise,
        scoresOf: ({ skip }) => scoresOf(skip),
        pass,
      });
    }
    // Only the last stage integrates; its bias comes last, as numbers are added in this order.
    const last = stages.at(-1)!;
    const scoresOf = ({ skip }: PlannedStage) => linear(skip);
    const scores = walkDecoder(state.integral("decoder"), [last], { raise, scoresOf, pass });
    return add(scores, bias(last.skip));
  }
}
