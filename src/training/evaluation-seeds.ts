/** Seeds of Poisson spikes in evaluations: whoever looks at the same example sees the same spikes. */
import { derive } from "../random/index.js";

/**
 * The seeds of a batch's examples: they follow from the run's seed and the example's number alone.
 *
 * @param seed - of the run
 * @param first - number of the batch's first example in its split
 */
export function evaluationSeeds(seed: number, first: number): (n: number) => number {
  return (n) => derive(seed, "evaluate", first + n);
}
