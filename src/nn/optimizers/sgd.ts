/** Stochastic gradient descent with momentum. */
import { checkKeys, checkNumber } from "../../checks/index.js";
import { foreachAdd, foreachAdd_, foreachMul_, invoke, type Tensor } from "../../engine/index.js";
import { chosenStep } from "./chosen-step.js";
import { type NamedParameters, Optimizer } from "./optimizer.js";

/** Settings of {@link Sgd}. */
export type SgdOptions = {
  /** Learning rate, 0 or more; `lr` of the optimizer changes it. */
  readonly lr: number;
  /** In [0, 1) (default 0: no memory of earlier steps). */
  readonly momentum?: number;
  /** Share of the weights that is added to their gradients, 0 or more (default 0). */
  readonly weightDecay?: number;
};

const sgdKeys = new Set(["lr", "momentum", "weightDecay"]);

/**
 * Stochastic gradient descent with momentum.
 *
 *     g ← ∇ + weightDecay·w
 *     b ← momentum·b + g        (b starts at 0)
 *     w ← w − lr·b
 *
 * The form of Sutskever et al. 2013 that PyTorch uses: the learning rate multiplies the whole velocity.
 */
export class Sgd extends Optimizer {
  readonly #momentum: number;
  readonly #weightDecay: number;

  /**
   * @param parameters - as `parameters()` of a module gives them; written by each step
   * @param options - `lr` is needed
   * @throws OptionError if an option is unknown, momentum is not in [0, 1), or another is no number of 0 or more
   */
  constructor(parameters: NamedParameters, options: SgdOptions) {
    const { lr, momentum = 0, weightDecay = 0 } = options;
    super(parameters, lr);
    checkKeys("Sgd", options, sgdKeys);
    checkNumber("Sgd", "momentum", momentum, { least: 0, below: 1 });
    checkNumber("Sgd", "weightDecay", weightDecay, { least: 0 });
    this.#momentum = momentum;
    this.#weightDecay = weightDecay;
  }

  protected override update(
    names: readonly string[],
    values: readonly Tensor[],
    gradients: readonly Tensor[],
  ): void {
    const settings = { lr: this.lr, momentum: this.#momentum, weightDecay: this.#weightDecay };
    const velocities = this.#momentum === 0 ? [] : this.stateOf("momentum", names, values);
    const steps = { ours: sgdStep, libtorchs: sgdStepOfLibtorch, onLists: sgdStepReference };
    chosenStep(values, libtorchStep, steps)(values, gradients, velocities, settings);
  }
}

type SgdSettings = Required<SgdOptions>;

const libtorchStep = "aten::_fused_sgd_";

/** libtorch's own pass over all parameters, where it has one: newer versions on NVIDIA GPUs and on the CPU. */
export function sgdStepOfLibtorch(
  values: readonly Tensor[],
  gradients: readonly Tensor[],
  velocities: readonly Tensor[],
  { lr, momentum, weightDecay }: SgdSettings,
): void {
  // No dampening, no Nesterov, no ascent, no first step that overwrites.
  const factors = [weightDecay, momentum, lr, 0, false, false, false];
  invoke(libtorchStep, [values, gradients, velocities, ...factors]);
}

/** One native pass over all parameters. */
export function sgdStep(
  values: readonly Tensor[],
  gradients: readonly Tensor[],
  velocities: readonly Tensor[],
  { lr, momentum, weightDecay }: SgdSettings,
): void {
  invoke("snnseg::sgd_step", [values, gradients, velocities, lr, momentum, weightDecay]);
}

/** The same composed of libtorch's operators on lists, for any device. */
export function sgdStepReference(
  values: readonly Tensor[],
  gradients: readonly Tensor[],
  velocities: readonly Tensor[],
  { lr, momentum, weightDecay }: SgdSettings,
): void {
  const decayed = weightDecay === 0 ? gradients : foreachAdd(gradients, values, weightDecay);
  if (momentum === 0) {
    foreachAdd_(values, decayed, -lr);
    return;
  }
  foreachMul_(velocities, momentum);
  foreachAdd_(velocities, decayed);
  foreachAdd_(values, velocities, -lr);
}
