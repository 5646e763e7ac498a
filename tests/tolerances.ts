/** How far results may differ between ways of computing the same thing in float32. */

/** Membranes and statistics, relative to the largest value: sums are added in another order. */
export const MEMBRANE_TOLERANCE = 2e-6;
/** Gradients, relative to the largest one: they add up over timesteps and the batch. */
export const GRADIENT_TOLERANCE = 2e-5;
