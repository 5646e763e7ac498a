/** Adam with the AMSGrad correction. */
import { checkKeys, checkNumber } from "../../checks/index.js";
import type { Tensor } from "../../engine/index.js";
import { adamStepFor } from "./adam-step.js";
import { type NamedParameters, Optimizer } from "./optimizer.js";

/** Settings of {@link Adam}; β₁, β₂ and ε are fixed. */
export type AdamOptions = {
  /** Learning rate, 0 or more; `lr` of the optimizer changes it. */
  readonly lr: number;
  /** Share of the weights that is added to their gradients, 0 or more (default 0). */
  readonly weightDecay?: number;
};

const adamKeys = new Set(["lr", "weightDecay"]);

/**
 * Adam with the AMSGrad correction.
 *
 *     g ← ∇ + weightDecay·w
 *     m ← β₁·m + (1 − β₁)·g,   v ← β₂·v + (1 − β₂)·g²,   v̂ ← max(v̂, v)
 *     w ← w − lr/(1 − β₁ᵏ) · m / (√(v̂/(1 − β₂ᵏ)) + ε)      at step k; β₁ = 0.9, β₂ = 0.999, ε = 1e-8
 *
 * @see Kingma & Ba 2015, arXiv:1412.6980; Reddi, Kale & Kumar 2018 (AMSGrad)
 * @example
 * ```ts
 * import { scope } from "snnseg";
 * import { Adam } from "snnseg/nn";
 * import { mul, ones, sum } from "snnseg/ops";
 *
 * const weight = ones([3]).setRequiresGrad(true);
 * const optimizer = new Adam(new Map([["weight", weight]]), { lr: 0.1 });
 * scope("step", () => sum(mul(weight, weight)).backward());
 * optimizer.step();
 * console.log(weight.toNumbers()); // 0.9 each
 * ```
 */
export class Adam extends Optimizer {
  readonly #weightDecay: number;

  /**
   * @param parameters - as `parameters()` of a module gives them; written by each step
   * @param options - `lr` is needed
   * @throws OptionError if an option is unknown or no number of 0 or more
   */
  constructor(parameters: NamedParameters, options: AdamOptions) {
    const { lr, weightDecay = 0 } = options;
    super(parameters, lr);
    checkKeys("Adam", options, adamKeys);
    checkNumber("Adam", "weightDecay", weightDecay, { least: 0 });
    this.#weightDecay = weightDecay;
  }

  protected override update(
    names: readonly string[],
    values: readonly Tensor[],
    gradients: readonly Tensor[],
  ): void {
    const mean = this.stateOf("expAvg", names, values);
    const square = this.stateOf("expAvgSq", names, values);
    const largest = this.stateOf("maxExpAvgSq", names, values);
    adamStepFor(values)(
      values,
      gradients,
      { mean, square, largest },
      { lr: this.lr, k: this.steps, weightDecay: this.#weightDecay, kept: 1 },
    );
  }
}
