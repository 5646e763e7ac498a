/** What a spiking network does on real examples, and what that would cost beside its ANN twin. */
import {
  denseOperations,
  OperationCounter,
  SpikeRecorder,
  type SpikeStatistics,
  twinConfig,
} from "../activity/index.js";
import type { Loader } from "../datasets/index.js";
import { type EnergyReport, type EnergyTables, energyReport, publishedEnergies } from "../energy/index.js";
import { OptionError } from "../errors.js";
import { type SegmentationModel, SnnModel } from "../models/index.js";
import { type EvaluateOptions, type Evaluation, evaluate } from "../training/index.js";
import { bothObservers } from "./both-observers.js";

/** What is counted on, and with which energies. */
export interface MeasureEnergyOptions
  extends Pick<EvaluateOptions, "input" | "seed" | "trainPixels" | "limitBatches" | "signal" | "onBatch"> {
  /** Energies of operations, memory and chips (default `publishedEnergies`). */
  readonly tables?: EnergyTables | undefined;
}

/** Operations, energies and spikes of a network, and its scores on the same examples. */
export interface EnergyMeasurement extends EnergyReport {
  /** How often the neurons of each layer fired. */
  readonly spikes: SpikeStatistics;
  /** On the same examples. */
  readonly evaluation: Evaluation;
}

/**
 * Counts what a spiking network does on every example of a loader, and multiplies that by published energies, as it does
 * for its ANN twin, whose operations follow from the architecture. Operations are per example, energies in pJ.
 *
 * @param model - a spiking network
 * @param loader - the examples
 * @param options - what of the loader is counted, how it is fed, and the energies
 * @throws OptionError if the network is an ANN; DataFormatError if every pixel is void
 * @see docs/design/energy.md
 */
export async function measureEnergy(
  model: SegmentationModel,
  loader: Loader,
  { tables = publishedEnergies, ...options }: MeasureEnergyOptions = {},
): Promise<EnergyMeasurement> {
  if (!(model instanceof SnnModel)) {
    throw new OptionError(
      "measure energy: expected a spiking network, received an ANN; give one of --model snn, its ANN twin's operations " +
        "come with it",
    );
  }
  const { size } = loader.dataset;
  const counter = new OperationCounter(model.config, size);
  using recorder = new SpikeRecorder(model);
  const evaluation = await evaluate(model, loader, {
    ...options,
    observer: bothObservers(counter, recorder),
  });
  const ann = denseOperations(twinConfig(model.config), size);
  const report = energyReport({ snn: counter.operations(), ann }, tables);
  return { ...report, spikes: recorder.statistics(), evaluation };
}
