/** The plain twin of `lifSequence`; tests compare the fused operator with it, benchmarks time against it. */
import type { Tensor } from "../engine/index.js";
import type { LifOptions, LifResult } from "./lif-options.js";
import { runNeurons } from "./neuron-sequence.js";

/** See `lifSequence`; the same arguments, results and errors, with any surrogate. */
export function lifSequenceReference(current: Tensor, options: LifOptions = {}): LifResult {
  return runNeurons("lifSequenceReference", current, options);
}
