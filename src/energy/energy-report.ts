/** All energy figures of a network and its twin. */

import type { NetworkOperations } from "../activity/index.js";
import { chipEnergies, compareEnergy, type EnergyComparison } from "./compare-energy.js";
import type { EnergyTables } from "./energy-constants.js";

/** A spiking network and its ANN twin. */
export interface ComparedNetworks {
  /** As an {@link OperationCounter} counted, averages over examples. */
  readonly snn: NetworkOperations;
  /** Such as {@link denseOperations} gives. */
  readonly ann: NetworkOperations;
}

/** All energy figures of a network and its twin, per example. */
export interface EnergyReport {
  /** What was charged. */
  readonly operations: ComparedNetworks;
  /** One a process. */
  readonly comparisons: readonly EnergyComparison[];
  /** The spiking network on each chip, by {@link chipEnergies}. */
  readonly chips: ReturnType<typeof chipEnergies>;
}

/**
 * Compares both under every process and chip of the tables.
 *
 * @param operations - per example
 * @param tables - such as {@link publishedEnergies}
 * @example
 * import { createModel, scope } from "snnseg";
 * import { denseOperations, energyReport, OperationCounter, publishedEnergies, twinConfig } from "snnseg/energy";
 * import { rand } from "snnseg/ops";
 *
 * const settings = { inputChannels: 3, numClasses: 2, timesteps: 2, threshold: 0.1 };
 * const model = createModel({ kind: "snn", arch: "dl-vgg9", ...settings });
 * model.setTraining(false);
 * const observer = new OperationCounter(model.config, [16, 16]);
 * scope("count", () => void model.forward(rand([1, 3, 16, 16], 1), { observer }));
 * const ann = denseOperations(twinConfig(model.config), [16, 16]);
 * const { comparisons } = energyReport({ snn: observer.operations(), ann }, publishedEnergies);
 * for (const row of comparisons[0]?.rows ?? []) console.log(row.model, row.ratio);
 * model.dispose();
 */
export function energyReport(operations: ComparedNetworks, { processes, chips }: EnergyTables): EnergyReport {
  return {
    operations,
    comparisons: processes.map((constants) => compareEnergy(operations, constants)),
    chips: chipEnergies(operations.snn, chips),
  };
}
