/** All energy figures of a network and its twin. */

import type { NetworkOperations } from "../activity/index.js";
import { chipEnergies, compareEnergy, type EnergyComparison } from "./compare-energy.js";
import type { EnergyTables } from "./energy-constants.js";

/** A spiking network and its ANN twin. */
export interface ComparedNetworks {
  readonly snn: NetworkOperations;
  readonly ann: NetworkOperations;
}

export interface EnergyReport {
  readonly operations: ComparedNetworks;
  /** One a process. */
  readonly comparisons: readonly EnergyComparison[];
  readonly chips: ReturnType<typeof chipEnergies>;
}

/** Compares both under every process and chip of the tables. */
export function energyReport(operations: ComparedNetworks, { processes, chips }: EnergyTables): EnergyReport {
  return {
    operations,
    comparisons: processes.map((constants) => compareEnergy(operations, constants)),
    chips: chipEnergies(operations.snn, chips),
  };
}
