/** What a network does and what that would cost. */

// Energy
export { type Arithmetic, equivalentBits, floatArithmetic, integerArithmetic } from "./arithmetic.js";
// Counting operations
export {
  type AuxiliaryOperations,
  auxiliaryOperations,
  type MeasuredOperations,
} from "./auxiliary-operations.js";
export {
  chipEnergies,
  compareEnergy,
  type EnergyComparison,
  type EnergyRow,
  shortcutEnergy,
} from "./compare-energy.js";
export { type CountedNetwork, countedNetwork } from "./counted-network.js";
export { denseOperations, twinConfig } from "./dense-twin.js";
export {
  type EnergyConstants,
  type EnergyTables,
  type NeuromorphicChip,
  publishedEnergies,
} from "./energy-constants.js";
export { type ComparedNetworks, type EnergyReport, energyReport } from "./energy-report.js";
export { type Accounting, type EnergyEstimate, estimateEnergy } from "./estimate-energy.js";
export type { LayerOperations } from "./layer-operations.js";
export { loadEnergyTables } from "./load-energy-tables.js";
export { type NetworkOperations, OperationCounter } from "./operation-counter.js";
// Spikes
export { type RecordedNetwork, SpikeRecorder } from "./spike-recorder.js";
export {
  type LayerSpikes,
  meanRate,
  membraneBins,
  type SpikeStatistics,
  type SpikeTotals,
  spikeTotals,
} from "./spike-statistics.js";
export { denseMacs, type InputSource, type SynapticLayer, synapticLayers } from "./synaptic-layers.js";
