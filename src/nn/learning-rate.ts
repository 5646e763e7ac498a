/** Learning rates over the epochs. */
import { checkInteger, checkNumber, checkOneOf } from "../checks/index.js";

/** Forgives the rounding of a product such as 0.55·20. */
const slack = 1e-9;

/** The factor by which each milestone lowers the learning rate. */
export const stepFactor = 0.1;

/**
 * The learning rate of an epoch under the step schedule: lr · 0.1^(milestones passed).
 *
 * @param epoch - from 0
 * @param options - milestones as shares of all epochs: each counts once that share of the epochs is done
 * @throws OptionError if a number is none of its kind
 */
export function stepLearningRate(
  epoch: number,
  {
    lr,
    epochs,
    milestones,
  }: { readonly lr: number; readonly epochs: number; readonly milestones: readonly number[] },
): number {
  checkEpoch("stepLearningRate", epoch, { lr, epochs });
  for (const share of milestones) checkNumber("stepLearningRate", "each milestone", share, { least: 0 });
  const passed = milestones.filter((share) => epoch >= share * epochs - slack).length;
  return lr * stepFactor ** passed;
}

/** Ways in which the learning rate falls; {@link scheduledLearningRate} has their formulas. */
export const schedules = ["step", "poly", "cosine", "constant"] as const;

/** A whole run's learning rates. */
export interface LearningRatePlan {
  /** How the rate falls. */
  readonly schedule: (typeof schedules)[number];
  /** The largest rate, 0 or more. */
  readonly lr: number;
  /** E: epochs of the whole run, 1 or more. */
  readonly epochs: number;
  /** Of the step schedule: shares of all epochs. */
  readonly milestones: readonly number[];
  /** Epochs at the start over which the rate rises in equal steps to what the schedule says. */
  readonly warmup: number;
}

/** The power by which the poly schedule falls (Chen et al. 2017, arXiv:1606.00915). */
const polyPower = 0.9;

/**
 * The learning rate of an epoch e from 0, of E:
 *
 *     step      lr · 0.1^(milestones passed)
 *     poly      lr · (1 − e/E)^0.9
 *     cosine    lr · (1 + cos(π·e/E))/2       (Loshchilov & Hutter 2017, arXiv:1608.03983)
 *     constant  lr
 *
 * times (e + 1)/(W + 1) during W epochs of warm-up.
 *
 * @param epoch - e, an integer from 0 to E
 * @param plan - `milestones` count for `step` alone
 * @throws OptionError for an unknown schedule, or if a number is none of its kind
 * @example
 * ```ts
 * import { scheduledLearningRate } from "snnseg/nn";
 *
 * const rest = { lr: 0.01, epochs: 4, milestones: [], warmup: 1 };
 * for (let epoch = 0; epoch < 4; epoch++)
 *   console.log(epoch, scheduledLearningRate(epoch, { schedule: "poly", ...rest }));
 * ```
 */
export function scheduledLearningRate(epoch: number, plan: LearningRatePlan): number {
  const { schedule, warmup } = plan;
  checkOneOf("scheduledLearningRate", "schedule", schedule, schedules);
  checkEpoch("scheduledLearningRate", epoch, plan);
  checkInteger("scheduledLearningRate", "warmup", warmup, { least: 0 });
  const rise = Math.min(1, (epoch + 1) / (warmup + 1));
  return rise * withoutWarmup(epoch, plan);
}

function withoutWarmup(epoch: number, plan: LearningRatePlan): number {
  const done = epoch / plan.epochs;
  switch (plan.schedule) {
    case "step":
      return stepLearningRate(epoch, plan);
    case "poly":
      return plan.lr * (1 - done) ** polyPower;
    case "cosine":
      return (plan.lr * (1 + Math.cos(Math.PI * done))) / 2;
    case "constant":
      return plan.lr;
  }
}

function checkEpoch(
  operation: string,
  epoch: number,
  { lr, epochs }: { readonly lr: number; readonly epochs: number },
): void {
  checkNumber(operation, "lr", lr, { least: 0 });
  checkInteger(operation, "epochs", epochs);
  checkInteger(operation, "epoch", epoch, { least: 0, most: epochs });
}
