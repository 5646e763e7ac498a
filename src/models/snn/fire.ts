/** The neurons of a chunk of timesteps: membranes come from a state and go back to it, and what fires is noted. */
import { clone, detach, div, expand, mean, mul, reshape, scope, Tensor } from "../../engine/index.js";
import type { LifResult, NeuronLayer } from "../../neurons/index.js";
import type { ForwardObserver } from "../segmentation-model.js";
import type { ActivityCounts } from "./layer-activity.js";
import { perStep } from "./slots.js";
import type { SpikingState } from "./spiking-state.js";

/** One layer over the chunk: current `[T', N, C, H, W]` → spikes of that shape, or `[T'·D, …]` in slots. */
export type Fire = (name: string, lif: NeuronLayer, current: Tensor) => Tensor;

/** @param activity - takes in what the layers fire */
export function fireInto(
  activity: ActivityCounts,
  state: SpikingState,
  {
    steps,
    normalizedSteps,
    initialMembrane = 0,
    plain = false,
    slots = false,
    forgets = false,
    observer,
  }: {
    /** T'. */
    readonly steps: number;
    /** Steps of the chunk that batch norm covers. */
    readonly normalizedSteps: number;
    readonly initialMembrane?: number | undefined;
    readonly plain?: boolean;
    /** Integers leave as binary spikes, `[T'·D, …]`. */
    readonly slots?: boolean;
    /** Nobody reads the membranes afterwards. */
    readonly forgets?: boolean;
    readonly observer: ForwardObserver | undefined;
  },
): Fire {
  return (name, lif, arriving) => {
    const current = perStep(arriving, steps);
    observer?.current?.(name, current);
    const initial = state.membrane(name) ?? chargedMembrane(initialMembrane, lif, current);
    const atRest = forgets && steps === 1 && normalizedSteps === 1 && initial === undefined;
    let result: Omit<LifResult, "membrane">;
    if (atRest && !plain && !observer?.fired) {
      result = lif.forwardAtRest(current, { slots });
    } else {
      const chunk = { firstStep: state.step, normalizedSteps, initial, plain, slots };
      const whole = lif.forward(current, chunk);
      state.setMembrane(name, whole.membrane);
      observer?.fired?.(name, whole);
      result = whole;
    }
    const [, , ...perExample] = current.shape;
    // ReLUs, of a training that begins with them, fire nothing.
    if (lif.spiking) activity.add(name, { batch: current.shape[1] ?? 1, perExample, neurons: lif }, result);
    observer?.rate?.(name, spikesPerNeuron(result));
    return result.spikes;
  };
}

/** Mean of k, with its gradient. */
function spikesPerNeuron({ spikes, amplitude }: Pick<LifResult, "spikes" | "amplitude">): Tensor {
  if (amplitude === 1) return mean(spikes);
  return scope("rate", () => mean(div(spikes, amplitude instanceof Tensor ? detach(amplitude) : amplitude)));
}

/** v before the first timestep, a share of the threshold; `undefined` is 0. */
function chargedMembrane(share: number, { threshold }: NeuronLayer, current: Tensor): Tensor | undefined {
  if (share === 0) return undefined;
  const perChannel = threshold.shape.length === 1 ? reshape(threshold, [-1, 1, 1]) : threshold;
  return clone(expand(mul(perChannel, share), current.shape.slice(1)));
}
