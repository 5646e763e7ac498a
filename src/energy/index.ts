/** What a network's operations would cost on hardware. */

// Prices

export {
  type EnergyConstants,
  type EnergyTables,
  type NeuromorphicChip,
  publishedEnergies,
} from "./energy-constants.js";
export { loadEnergyTables } from "./load-energy-tables.js";
export { type Arithmetic, equivalentBits, floatArithmetic, integerArithmetic } from "./operation-prices.js";

// Estimates and comparisons

export {
  chipEnergies,
  compareEnergy,
  type EnergyComparison,
  type EnergyRow,
  shortcutEnergy,
} from "./compare-energy.js";
export { type ComparedNetworks, type EnergyReport, energyReport } from "./energy-report.js";
export { type Accounting, type EnergyEstimate, estimateEnergy } from "./estimate-energy.js";
