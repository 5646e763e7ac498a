/**
 * Spikes, operations, and what they cost.
 *
 * @module snnseg/energy
 */

export {
  type AuxiliaryOperations,
  auxiliaryOperations,
  type CountedNetwork,
  countedNetwork,
  denseMacs,
  denseOperations,
  type FeedingLayer,
  type InputSource,
  type LayerOperations,
  type LayerStatistics,
  type MeasuredOperations,
  meanRate,
  type NetworkOperations,
  OperationCounter,
  type RecordedNetwork,
  type SavedSpikeCounts,
  SpikeCounts,
  SpikeRecorder,
  type SpikeStatistics,
  type SpikeTotals,
  type SynapticLayer,
  spikeTotals,
  synapticLayers,
  twinConfig,
} from "../activity/index.js";
export {
  type Accounting,
  type Arithmetic,
  type ComparedNetworks,
  chipEnergies,
  compareEnergy,
  type EnergyComparison,
  type EnergyConstants,
  type EnergyEstimate,
  type EnergyReport,
  type EnergyRow,
  type EnergyTables,
  energyReport,
  equivalentBits,
  estimateEnergy,
  floatArithmetic,
  integerArithmetic,
  loadEnergyTables,
  type NeuromorphicChip,
  publishedEnergies,
  shortcutEnergy,
} from "../energy/index.js";
