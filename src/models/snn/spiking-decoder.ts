/** The stages of the decoder that fire, over a chunk of timesteps. */
import { flatten, splitFirst, type Tensor } from "../../engine/index.js";
import { walkDecoder } from "../plan/index.js";
import type { ForwardObserver } from "../segmentation-model.js";
import type { Fire } from "./fire.js";
import { perStep } from "./slots.js";
import type { SpikingStage } from "./snn-parts.js";

/**
 * From the deepest scores up to the last stage that fires.
 *
 * @param scoresOf - scores of a skip over the chunk, `[T'·N, K, h, w]`
 * @returns the last firing stage's spikes, `[T', N, K, h, w]`; `undefined` if none fires
 */
export function decodeSpikes(
  { deepest, stages }: { readonly deepest: string; readonly stages: readonly SpikingStage[] },
  {
    steps,
    fire,
    observer,
    scoresOf,
  }: {
    readonly steps: number;
    readonly fire: Fire;
    readonly observer: ForwardObserver | undefined;
    readonly scoresOf: (skip: string) => Tensor;
  },
): Tensor | undefined {
  const firing = stages.filter(({ fires }) => fires);
  if (firing.length === 0) return undefined;
  const observe = (stage: SpikingStage, x: Tensor) =>
    observer?.input?.(stage.upsampler, x.shape.length === 5 ? x : splitFirst(x, steps));
  const spikes = walkDecoder(scoresOf(deepest), firing, {
    raise: (stage, x) => {
      observe(stage, x);
      if (x.shape.length === 4) return stage.up.forward(x);
      const raised = splitFirst(stage.up.forward(flatten(x, 0, 1)), x.shape[0]!);
      return flatten(perStep(raised, steps), 0, 1);
    },
    scoresOf: ({ skip }) => scoresOf(skip),
    pass: ({ name, lif }, current) => fire(name, lif!, splitFirst(current, steps)),
  });
  const integrating = stages[firing.length];
  if (integrating) observe(integrating, spikes);
  return spikes;
}
