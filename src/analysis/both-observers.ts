/** Two observers of one forward pass. */
import type { ForwardObserver } from "../models/index.js";

/** What operations and spikes are counted from. */
type Counting = Pick<ForwardObserver, "started" | "input" | "fired">;

/** Tells both, in this order. */
export function bothObservers(first: Counting, second: Counting | undefined): ForwardObserver {
  return {
    started: (firstStep) => {
      first.started?.(firstStep);
      second?.started?.(firstStep);
    },
    input: (layer, x) => {
      first.input?.(layer, x);
      second?.input?.(layer, x);
    },
    fired: (layer, result) => {
      first.fired?.(layer, result);
      second?.fired?.(layer, result);
    },
  };
}
