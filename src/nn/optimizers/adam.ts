/** Adam with the AMSGrad correction. */
import { checkKeys, checkNumber } from "../../checks/index.js";
import {
  copyInto,
  foreachAdd,
  foreachAdd_,
  foreachAddcdiv_,
  foreachAddcmul_,
  foreachAddScalar_,
  foreachDiv_,
  foreachMaximum,
  foreachMul_,
  foreachSqrt,
  invoke,
  type Tensor,
} from "../../engine/index.js";
import { type NamedParameters, Optimizer } from "./optimizer.js";

/** Settings of {@link Adam}; β₁, β₂ and ε are fixed. */
export type AdamOptions = {
  /** Learning rate, 0 or more; `lr` of the optimizer changes it. */
  readonly lr: number;
  /** Share of the weights that is added to their gradients, 0 or more (default 0). */
  readonly weightDecay?: number;
};

const adamKeys = new Set(["lr", "weightDecay"]);
const beta1 = 0.9;
const beta2 = 0.999;
const eps = 1e-8;

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
    const update = values.every(({ device }) => device === "cpu") ? adamStep : adamStepReference;
    update(
      values,
      gradients,
      { mean, square, largest },
      {
        step: this.lr / (1 - beta1 ** this.steps),
        correction: Math.sqrt(1 - beta2 ** this.steps),
        weightDecay: this.#weightDecay,
      },
    );
  }
}

type AdamState = Readonly<Record<"mean" | "square" | "largest", readonly Tensor[]>>;
type AdamSettings = {
  /** lr/(1 − β₁ᵏ) */
  readonly step: number;
  /** √(1 − β₂ᵏ) */
  readonly correction: number;
  readonly weightDecay: number;
};

/** One native pass over all parameters. */
export function adamStep(
  values: readonly Tensor[],
  gradients: readonly Tensor[],
  { mean, square, largest }: AdamState,
  { step, correction, weightDecay }: AdamSettings,
): void {
  const factors = [step, correction, beta1, beta2, eps, weightDecay];
  invoke("snnseg::adam_step", [values, gradients, mean, square, largest, ...factors]);
}

/** The same composed of libtorch's operators, for any device. */
export function adamStepReference(
  values: readonly Tensor[],
  gradients: readonly Tensor[],
  { mean, square, largest }: AdamState,
  { step, correction, weightDecay }: AdamSettings,
): void {
  const g = weightDecay === 0 ? gradients : foreachAdd(gradients, values, weightDecay);
  foreachMul_(mean, beta1);
  foreachAdd_(mean, g, 1 - beta1);
  foreachMul_(square, beta2);
  foreachAddcmul_(square, g, g, 1 - beta2);
  for (const [i, larger] of foreachMaximum(largest, square).entries()) copyInto(largest[i]!, larger);
  const root = foreachSqrt(largest);
  foreachDiv_(root, correction);
  foreachAddScalar_(root, eps);
  foreachAddcdiv_(values, mean, root, -step);
}
