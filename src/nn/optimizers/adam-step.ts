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
  invoke,
  type Tensor,
} from "../../engine/index.js";

const beta1 = 0.9;
const beta2 = 0.999;
const eps = 1e-8;

/** What is remembered of earlier gradients, one for each parameter; `largest` is empty without AMSGrad. */
export type AdamState = Readonly<Record<"mean" | "square" | "largest", readonly Tensor[]>>;

export type AdamSettings = {
  /** lr/(1 − β₁ᵏ) */
  readonly step: number;
  /** √(1 − β₂ᵏ) */
  readonly correction: number;
  /** Share of the weights that is added to their gradients. */
  readonly weightDecay: number;
  /** Share of the weights that decoupled decay keeps, before the step. */
  readonly kept: number;
};

/** The settings that follow from the learning rate and the number k of the step. */
export function biasCorrected(lr: number, k: number): Pick<AdamSettings, "step" | "correction"> {
  return { step: lr / (1 - beta1 ** k), correction: Math.sqrt(1 - beta2 ** k) };
}

/** The way that the parameters' devices allow. */
export function adamStepFor(values: readonly Tensor[]): typeof adamStep {
  return values.every(({ device }) => device === "cpu") ? adamStep : adamStepReference;
}

/** One native pass over all parameters. */
export function adamStep(
  values: readonly Tensor[],
  gradients: readonly Tensor[],
  { mean, square, largest }: AdamState,
  { step, correction, weightDecay, kept }: AdamSettings,
): void {
  const factors = [step, correction, beta1, beta2, eps, weightDecay, kept];
  invoke("snnseg::adam_step", [values, gradients, mean, square, largest, ...factors]);
}

/** The same composed of libtorch's operators, for any device. */
export function adamStepReference(
  values: readonly Tensor[],
  gradients: readonly Tensor[],
  { mean, square, largest }: AdamState,
  { step, correction, weightDecay, kept }: AdamSettings,
): void {
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
