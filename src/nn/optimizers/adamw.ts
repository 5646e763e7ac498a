/** Adam whose weight decay is no part of the gradient. */
import { checkKeys, checkNumber } from "../../checks/index.js";
import type { Tensor } from "../../engine/index.js";
import { adamStepFor } from "./adam-step.js";
import { type NamedParameters, Optimizer } from "./optimizer.js";

/** Settings of {@link AdamW}; β₁, β₂ and ε are fixed. */
export type AdamWOptions = {
  /** Learning rate, 0 or more; `lr` of the optimizer changes it. */
  readonly lr: number;
  /** Share of the weights that a step takes at learning rate 1, 0 or more (default 0.01). */
  readonly weightDecay?: number;
  /**
   * Whether a parameter decays (default: each does).
   *
   * @param name - its key
   * @param parameter - itself
   */
  readonly decays?: (name: string, parameter: Tensor) => boolean;
};

const adamWKeys = new Set(["lr", "weightDecay", "decays"]);

/**
 * Adam with decoupled weight decay, without AMSGrad.
 *
 *     m ← β₁·m + (1 − β₁)·∇,   v ← β₂·v + (1 − β₂)·∇²
 *     w ← (1 − lr·weightDecay)·w − lr/(1 − β₁ᵏ) · m / (√(v/(1 − β₂ᵏ)) + ε)      at step k; β₁ = 0.9, β₂ = 0.999, ε = 1e-8
 *
 * The decay follows the learning rate and not the size of the gradients, as in PyTorch.
 *
 * @see Loshchilov & Hutter 2019, arXiv:1711.05101
 * @example
 * ```ts
 * import { scope } from "snnseg";
 * import { AdamW } from "snnseg/nn";
 * import { mul, ones, sum } from "snnseg/ops";
 *
 * const weight = ones([3]).setRequiresGrad(true);
 * const optimizer = new AdamW(new Map([["weight", weight]]), { lr: 0.1, weightDecay: 1 });
 * scope("step", () => sum(mul(weight, weight)).backward());
 * optimizer.step();
 * console.log(weight.toNumbers()); // 0.8 each
 * ```
 */
export class AdamW extends Optimizer {
  readonly #weightDecay: number;
  readonly #decays: (name: string, parameter: Tensor) => boolean;

  /**
   * @param parameters - as `parameters()` of a module gives them; written by each step
   * @param options - `lr` is needed
   * @throws OptionError if an option is unknown or no number of 0 or more
   */
  constructor(parameters: NamedParameters, options: AdamWOptions) {
    const { lr, weightDecay = 0.01, decays = () => true } = options;
    super(parameters, lr);
    checkKeys("AdamW", options, adamWKeys);
    checkNumber("AdamW", "weightDecay", weightDecay, { least: 0 });
    this.#weightDecay = weightDecay;
    this.#decays = decays;
  }

  protected override update(
    names: readonly string[],
    values: readonly Tensor[],
    gradients: readonly Tensor[],
  ): void {
    const decaying = names.map((name, i) => this.#decays(name, values[i]!));
    for (const decays of new Set(decaying)) {
      const chosen = <T>(all: readonly T[]) => all.filter((_, i) => decaying[i] === decays);
      const [theirNames, theirs] = [chosen(names), chosen(values)];
      const mean = this.stateOf("expAvg", theirNames, theirs);
      const square = this.stateOf("expAvgSq", theirNames, theirs);
      const kept = decays ? 1 - this.lr * this.#weightDecay : 1;
      adamStepFor(theirs)(
        theirs,
        chosen(gradients),
        { mean, square, largest: [] },
        { lr: this.lr, k: this.steps, weightDecay: 0, kept },
      );
    }
  }
}
