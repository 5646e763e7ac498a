/** The learning rate of each step of a run. */
import type { Config } from "../config/index.js";
import { scheduledLearningRate } from "../nn/index.js";

/** The options that decide it. */
export type RateOptions = Pick<Config, "schedule" | "lr" | "epochs" | "milestones" | "warmup" | "scheduleBy">;

/**
 * That of the step's epoch, or with `scheduleBy: "step"` the schedule's with the steps of all epochs for the epochs: of
 * S steps an epoch it falls over E·S of them and rises over the first W·S.
 *
 * @param place - epoch and step within it, both from 0, and S
 */
export function learningRateOf(
  { epoch, step, stepsPerEpoch }: Readonly<Record<"epoch" | "step" | "stepsPerEpoch", number>>,
  options: RateOptions,
): number {
  if (options.scheduleBy === "epoch") return scheduledLearningRate(epoch, options);
  const { epochs, warmup } = options;
  const inSteps = { ...options, epochs: epochs * stepsPerEpoch, warmup: warmup * stepsPerEpoch };
  return scheduledLearningRate(epoch * stepsPerEpoch + step, inSteps);
}
