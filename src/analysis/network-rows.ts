/** A spiking network in one table with the networks that it has to stand beside: scores and energies on the same examples. */
import { denseOperations, type NetworkOperations } from "../activity/index.js";
import { quantizeAnn } from "../conversion/index.js";
import type { Loader } from "../datasets/index.js";
import {
  type Arithmetic,
  type EnergyConstants,
  equivalentBits,
  estimateEnergy,
  floatArithmetic,
  integerArithmetic,
} from "../energy/index.js";
import { scope, type Tensor } from "../engine/index.js";
import type { AnnModel } from "../models/index.js";
import { type EvaluateOptions, type Evaluation, evaluate } from "../training/index.js";
import type { EnergyMeasurement } from "./measure-energy.js";

/** One network of the table. */
export interface NetworkRow {
  /** What it is, in words for a table. */
  readonly network: string;
  /** Measured on the examples, not assumed. */
  readonly meanIoU: number;
  /** Bits of its activations in hardware that computes as it does. */
  readonly bits: number;
  /** Picojoules per example of all operations, on that hardware. */
  readonly operationsPj: number;
  /** The same with memory, membranes once per timestep. */
  readonly memoryPj: number;
}

const FLOAT_BITS = 32;
const BYTE_BITS = 8;

/**
 * The row of a spiking network on integer hardware; where it sends integers in a single timestep, beside the ANN whose ReLU has as
 * many levels: the same function, so the same scores, computed by multiplying instead of adding spikes.
 *
 * @param measured - by `measureEnergy`
 * @param constants - of one process
 */
export function spikingRows(
  { operations, evaluation }: Pick<EnergyMeasurement, "operations" | "evaluation">,
  constants: EnergyConstants,
): NetworkRow[] {
  const { snn, ann } = operations;
  const { timesteps, levels = 1 } = snn;
  const bits = equivalentBits(timesteps * levels);
  const sends = levels === 1 ? "spikes" : `integers 0..${levels}`;
  const common = { evaluation, bits, arithmetic: integerArithmetic(constants, bits) };
  const spiking = rowOf(`SNN, ${sends}, T = ${timesteps}, 8-bit weights`, { ...common, operations: snn });
  if (timesteps > 1 || levels === 1) return [spiking];
  const twin = `the same as an ANN, ReLU of ${levels + 1} levels, 8-bit weights`;
  return [spiking, rowOf(twin, { ...common, operations: ann })];
}

/**
 * The rows of an ANN: in float32, and with weights and activations of 8 bits; with quantised ReLU the latter keeps its levels.
 *
 * @param ann - read, never written
 * @param loader - the examples
 * @param options - `calibration`: images from which the range of activations is found; those of `evaluate`
 * @throws as `quantizeAnn` and `evaluate`
 */
export async function annRows(
  ann: AnnModel,
  loader: Loader,
  {
    constants,
    calibration,
    ...options
  }: Pick<EvaluateOptions, "input" | "trainPixels" | "limitBatches" | "signal" | "onBatch"> & {
    /** Of one process. */
    readonly constants: EnergyConstants;
    /** `[N, C, H, W]` each, on the ANN's device. */
    readonly calibration: Iterable<Tensor>;
  },
): Promise<NetworkRow[]> {
  const operations = denseOperations(ann.config, loader.dataset.size);
  const { activationLevels: levels = 0 } = ann.config;
  const named = levels > 0 ? `ANN, ReLU of ${levels + 1} levels` : "ANN";
  const whole = await evaluate(ann, loader, options);
  using quantized = scope("quantize", () => quantizeAnn(ann, calibration));
  const small = await evaluate(quantized, loader, options);
  const bits = levels > 0 ? equivalentBits(levels) : BYTE_BITS;
  return [
    rowOf(`${named}, float32`, {
      ...{ evaluation: whole, operations, bits: FLOAT_BITS },
      arithmetic: floatArithmetic(constants),
    }),
    rowOf(levels > 0 ? `${named}, 8-bit weights` : `${named}, 8-bit weights and activations`, {
      ...{ evaluation: small, operations, bits },
      arithmetic: integerArithmetic(constants, bits),
    }),
  ];
}

function rowOf(
  network: string,
  {
    evaluation,
    operations,
    bits,
    arithmetic,
  }: {
    readonly evaluation: Evaluation;
    readonly operations: NetworkOperations;
    readonly bits: number;
    readonly arithmetic: Arithmetic;
  },
): NetworkRow {
  const energy = (accounting: "operations" | "time-stepped") =>
    estimateEnergy(operations, { arithmetic, accounting }).totalPj;
  const { meanIoU } = evaluation.scores;
  return { network, meanIoU, bits, operationsPj: energy("operations"), memoryPj: energy("time-stepped") };
}
