/** As much training as fits a time. */

export interface TrainingSize {
  /** Batches of each epoch. */
  readonly batches: number;
  /** What the training takes, evaluations included. */
  readonly seconds: number;
}

/** An evaluation of all batches costs about this share of a step for each of them: a forward pass without gradients. */
const evaluationShare = 0.3;

/**
 * How many batches of each epoch fit a time; all of them where there is time enough, and never fewer than `least`.
 *
 * @param secondsPerStep - what a step of training takes
 * @returns the batches, and what the training takes with them
 */
export function fitToTime(
  secondsPerStep: number,
  {
    seconds,
    epochs,
    batches,
    evaluationBatches,
    least,
  }: {
    readonly seconds: number;
    readonly epochs: number;
    /** Batches of the training split and of the one that every epoch ends with. */
    readonly batches: number;
    readonly evaluationBatches: number;
    readonly least: number;
  },
): TrainingSize {
  const evaluation = evaluationShare * secondsPerStep * evaluationBatches;
  const fitting = Math.floor((seconds / epochs - evaluation) / secondsPerStep);
  const some = Math.min(batches, Math.max(least, fitting));
  return { batches: some, seconds: epochs * (some * secondsPerStep + evaluation) };
}
