/** One step of Adam in all its forms: with and without AMSGrad, with decay in the gradient or of the weights themselves. */
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
  full,
  invoke,
  type Tensor,
} from "../../engine/index.js";
import { chosenStep } from "./chosen-step.js";

const beta1 = 0.9;
const beta2 = 0.999;
const eps = 1e-8;

/** What is remembered of earlier gradients, one for each parameter; `largest` is empty without AMSGrad. */
export type AdamState = Readonly<Record<"mean" | "square" | "largest", readonly Tensor[]>>;

export type AdamSettings = {
  /** Learning rate. */
  readonly lr: number;
  /** Number k of the step, from 1. */
  readonly k: number;
  /** Share of the weights that is added to their gradients. */
  readonly weightDecay: number;
  /** Share of the weights that decoupled decay keeps, before the step. */
  readonly kept: number;
};

/** What corrects the bias of means that begin at 0: lr/(1 − β₁ᵏ) and √(1 − β₂ᵏ). */
function biasCorrected({ lr, k }: AdamSettings): { readonly step: number; readonly correction: number } {
  return { step: lr / (1 - beta1 ** k), correction: Math.sqrt(1 - beta2 ** k) };
}

const libtorchStep = "aten::_fused_adam_";

/** The way that the parameters' devices allow. */
export function adamStepFor(values: readonly Tensor[]): typeof adamStep {
  const steps = { ours: adamStep, libtorchs: adamStepOfLibtorch, onLists: adamStepReference };
  return chosenStep(values, libtorchStep, steps);
}

/** libtorch's own pass over all parameters, where it has one: on NVIDIA GPUs, and on the CPU in newer versions. */
export function adamStepOfLibtorch(
  values: readonly Tensor[],
  gradients: readonly Tensor[],
  { mean, square, largest }: AdamState,
  { lr, k, weightDecay, kept }: AdamSettings,
): void {
  if (kept !== 1) foreachMul_(values, kept);
  // It only reads the number of the step, so that parameters, which are on one device, may share it.
  const count = full([], k, { device: values[0]?.device ?? "cpu" });
  const steps = values.map(() => count);
  const amsgrad = largest.length > 0;
  const factors = [lr, beta1, beta2, weightDecay, eps, amsgrad, false];
  invoke(libtorchStep, [values, gradients, mean, square, largest, steps, ...factors]);
}

/** One native pass over all parameters. */
export function adamStep(
  values: readonly Tensor[],
  gradients: readonly Tensor[],
  { mean, square, largest }: AdamState,
  settings: AdamSettings,
): void {
  const { weightDecay, kept } = settings;
  const { step, correction } = biasCorrected(settings);
  const factors = [step, correction, beta1, beta2, eps, weightDecay, kept];
  invoke("snnseg::adam_step", [values, gradients, mean, square, largest, ...factors]);
}

/** The same composed of libtorch's operators on lists, for any device. */
export function adamStepReference(
  values: readonly Tensor[],
  gradients: readonly Tensor[],
  { mean, square, largest }: AdamState,
  settings: AdamSettings,
): void {
  const { weightDecay, kept } = settings;
  const { step, correction } = biasCorrected(settings);
  const g = weightDecay === 0 ? gradients : foreachAdd(gradients, values, weightDecay);
  foreachMul_(mean, beta1);
  foreachAdd_(mean, g, 1 - beta1);
  foreachMul_(square, beta2);
  foreachAddcmul_(square, g, g, 1 - beta2);
  if (largest.length > 0) {
    for (const [i, larger] of foreachMaximum(largest, square).entries()) copyInto(largest[i]!, larger);
  }
  const root = foreachSqrt(largest.length > 0 ? largest : square);
  foreachDiv_(root, correction);
  foreachAddScalar_(root, eps);
  if (kept !== 1) foreachMul_(values, kept);
  foreachAddcdiv_(values, mean, root, -step);
}
