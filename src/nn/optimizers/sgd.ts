/** Stochastic gradient descent with momentum. */
import { foreachAdd, foreachAdd_, foreachMul_, type Tensor } from "../../engine/index.js";
import { type NamedParameters, Optimizer } from "./optimizer.js";

export type SgdOptions = {
  readonly lr: number;
  /** Default 0: no memory of earlier steps. */
  readonly momentum?: number;
  /** Default 0. */
  readonly weightDecay?: number;
};

/**
 *     g ← ∇ + weightDecay·w
 *     b ← momentum·b + g        (b starts at 0)
 *     w ← w − lr·b
 *
 * The form of Sutskever et al. 2013 that PyTorch uses: the learning rate multiplies the whole velocity.
 */
export class Sgd extends Optimizer {
  readonly #momentum: number;
  readonly #weightDecay: number;

  constructor(parameters: NamedParameters, { lr, momentum = 0, weightDecay = 0 }: SgdOptions) {
    super(parameters, lr);
    this.#momentum = momentum;
    this.#weightDecay = weightDecay;
  }

  protected override update(
    names: readonly string[],
    values: readonly Tensor[],
    gradients: readonly Tensor[],
  ): void {
    const decayed = this.#weightDecay === 0 ? gradients : foreachAdd(gradients, values, this.#weightDecay);
    if (this.#momentum === 0) {
      foreachAdd_(values, decayed, -this.lr);
      return;
    }
    const velocity = this.stateOf("momentum", names, values);
    foreachMul_(velocity, this.#momentum);
    foreachAdd_(velocity, decayed);
    foreachAdd_(values, velocity, -this.lr);
  }
}
