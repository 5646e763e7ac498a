/** The plain twin of `lifSequence`; tests compare the fused operator with it, benchmarks time against it. */
import type { Tensor } from "../engine/index.js";
import type { LifOptions, LifResult } from "./lif-options.js";
import { runNeurons } from "./neuron-sequence.js";

/**
 * The plain twin of `lifSequence`: the same arguments, results and errors, with any surrogate, on any device.
 *
 * @param current - i, `[T, N, C, H, W]` float32
 * @param options - default: {@link lifDefaults}
 */
export function lifSequenceReference(current: Tensor, options: LifOptions = {}): LifResult {
  return runNeurons("lifSequenceReference", current, options);
}
