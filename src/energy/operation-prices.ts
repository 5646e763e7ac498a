/** What operations cost, and how many bits travel, in floating-point and in integer hardware. */

import type { InputSource } from "../activity/index.js";
import type { EnergyConstants } from "./energy-constants.js";

/** Hardware as the energy model sees it; energies in picojoules. */
export interface Arithmetic {
  /** The process it is made in. */
  readonly constants: EnergyConstants;
  /** One multiply-accumulate. @param valueBits - of the value that the weight is multiplied with */
  readonly multiplyAccumulatePj: (valueBits: number) => number;
  /** One addition to a membrane or an accumulator. */
  readonly accumulatePj: number;
  /** Of a weight in memory. */
  readonly weightBits: number;
  /** Of a neuron's carried potential in memory. */
  readonly membraneBits: number;
  /** Bits of real values. @param source - where they come from */
  readonly valueBits: (source: InputSource) => number;
}

const FLOAT_BITS = 32;

/**
 * 32-bit floating point throughout: the field's assumption.
 *
 * @param constants - of which `macPj` and `acPj` are used here
 */
export function floatArithmetic(constants: EnergyConstants): Arithmetic {
  return {
    constants,
    multiplyAccumulatePj: () => constants.macPj,
    accumulatePj: constants.acPj,
    weightBits: FLOAT_BITS,
    membraneBits: FLOAT_BITS,
    valueBits: () => FLOAT_BITS,
  };
}

/** Bits of weights and of images in integer hardware. */
const INTEGER_BITS = 8;
/** Bits of membranes, scores and accumulators in integer hardware. */
const ACCUMULATOR_BITS = 16;

/**
 * Integer hardware: 8-bit weights and images, 16-bit accumulators, activations of `activationBits`. Multiplying b1 by
 * b2 bits costs the share b1·b2/32² of a 32-bit multiplication, adding b bits the share b/32 of a 32-bit addition.
 *
 * @param constants - of which `intMultiplyPj` and `intAddPj` are used here
 * @param activationBits - of the ANN's activations; {@link equivalentBits} for those that tell apart as much as
 *   spikes
 */
export function integerArithmetic(constants: EnergyConstants, activationBits: number): Arithmetic {
  const accumulatePj = (constants.intAddPj * ACCUMULATOR_BITS) / 32;
  const perBit = (constants.intMultiplyPj * INTEGER_BITS) / 32 ** 2;
  return {
    constants,
    multiplyAccumulatePj: (valueBits) => perBit * valueBits + accumulatePj,
    accumulatePj,
    weightBits: INTEGER_BITS,
    membraneBits: ACCUMULATOR_BITS,
    valueBits: (source) =>
      source === "image" ? INTEGER_BITS : source === "scores" ? ACCUMULATOR_BITS : activationBits,
  };
}

/**
 * Bits of an activation that can tell apart as many values as a count of up to so many spikes: ⌈log₂(n + 1)⌉.
 *
 * @param spikes - n, at least 1: T timesteps, or T·D of neurons that send up to D spikes in each
 * @see Yan et al. 2024, arXiv:2409.08290
 */
export function equivalentBits(spikes: number): number {
  return Math.ceil(Math.log2(spikes + 1));
}
