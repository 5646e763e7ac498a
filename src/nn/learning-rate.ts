/** Learning rates over the epochs. */

/** Forgives the rounding of a product such as 0.55·20. */
const slack = 1e-9;

/** The factor by which each milestone lowers the learning rate. */
export const stepFactor = 0.1;

/**
 * The learning rate of an epoch under the step schedule: lr · 0.1^(milestones passed).
 *
 * @param epoch - from 0
 * @param options - milestones as shares of all epochs: each counts once that share of the epochs is done
 */
export function stepLearningRate(
  epoch: number,
  {
    lr,
    epochs,
    milestones,
  }: { readonly lr: number; readonly epochs: number; readonly milestones: readonly number[] },
): number {
  const passed = milestones.filter((share) => epoch >= share * epochs - slack).length;
  return lr * stepFactor ** passed;
}
