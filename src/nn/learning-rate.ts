/** Learning rates over the epochs. */

/** The factor by which each milestone lowers the learning rate. */
export const stepFactor = 0.1;

/**
 * The learning rate of an epoch under the step schedule: lr · 0.1^(milestones passed).
 *
 * @param epoch - from 0
 * @param options - milestones as shares of all epochs, rounded down to whole epochs
 */
export function stepLearningRate(
  epoch: number,
  {
    lr,
    epochs,
    milestones,
  }: { readonly lr: number; readonly epochs: number; readonly milestones: readonly number[] },
): number {
  const passed = milestones.filter((share) => epoch >= Math.floor(share * epochs)).length;
  return lr * stepFactor ** passed;
}
