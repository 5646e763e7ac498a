/** Evaluation mode for the length of a function. */

/** Runs `body` in evaluation mode and puts the mode back. */
export function inEvaluation<T>(
  model: { readonly training: boolean; setTraining(on: boolean): void },
  body: () => T,
): T {
  const wasTraining = model.training;
  model.setTraining(false);
  try {
    return body();
  } finally {
    model.setTraining(wasTraining);
  }
}
