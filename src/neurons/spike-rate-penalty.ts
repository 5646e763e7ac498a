/** A penalty on firing more often than wanted, which backward carries into the weights. */
import { checkNumber } from "../checks/index.js";
import { add, div, keep, mul, relu, scope, sub, type Tensor } from "../engine/index.js";

/**
 * Collects layers' spikes during a forward pass; give it to `forward` as (part of) the observer.
 *
 *     L = weight · mean over layers l of max(0, r_l/target − 1)²
 *
 * r_l is the mean of s over timesteps, batch and neurons: spikes per neuron and timestep. Layers below the target
 * are left alone. The gradient passes through the spikes' surrogate.
 *
 * @see Zenke & Vogels 2021, doi 10.1162/neco_a_01367 (upper bounds on activity)
 */
export class SpikeRatePenalty implements Disposable {
  readonly #target: number;
  readonly #weight: number;
  readonly #rates: Tensor[] = [];

  /**
   * @param options - `target`: spikes per neuron and timestep, above 0; `weight`: of the penalty in the loss, 0 or more
   * @throws OptionError if one is not
   */
  constructor({ target, weight }: { readonly target: number; readonly weight: number }) {
    checkNumber("SpikeRatePenalty", "target", target, { above: 0 });
    checkNumber("SpikeRatePenalty", "weight", weight, { least: 0 });
    this.#target = target;
    this.#weight = weight;
  }

  /**
   * Part of a forward observer.
   *
   * @param _layer - its name, which does not matter
   * @param rate - r_l, one number with its gradient; kept until {@link take}
   */
  readonly rate = (_layer: string, rate: Tensor): void => {
    this.#rates.push(keep(rate));
  };

  /** The penalty of the layers collected since the last call, which it forgets; `undefined` if there were none. */
  take(): Tensor | undefined {
    const rates = this.#rates.splice(0);
    if (rates.length === 0) return undefined;
    return scope("spike rate penalty", () => {
      const terms = rates.map((rate) => {
        const excess = relu(sub(div(rate, this.#target), 1));
        return mul(excess, excess);
      });
      const total = terms.reduce((sum, term) => add(sum, term));
      for (const rate of rates) rate.dispose();
      return mul(total, this.#weight / rates.length);
    });
  }

  /** Frees rates that were collected and not taken. */
  dispose(): void {
    for (const rate of this.#rates.splice(0)) rate.dispose();
  }

  /** {@link dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
