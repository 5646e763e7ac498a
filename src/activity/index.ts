/**
 * What a network does while it runs: spikes and operations. What they would cost is `energy/`'s.
 *
 * Every figure of spikes is one of two:
 *
 * - per neuron and **example**, over all timesteps, so that it may exceed 1: `SpikeCounts.perExample`, `rates` of
 *   results, `rate` and `totalRate` of statistics (the reference's figures, under its names);
 * - per neuron and **timestep**, in [0, 1]: `SpikeCounts.perTimestep`, `meanRate`, `perTimestep` of statistics,
 *   `density` of benchmarks.
 */

// Spikes

export { type SavedSpikeCounts, SpikeCounts } from "./spike-counts.js";
export { type RecordedNetwork, SpikeRecorder } from "./spike-recorder.js";
export {
  type LayerStatistics,
  meanRate,
  membraneBins,
  type SpikeStatistics,
  type SpikeTotals,
  spikeTotals,
} from "./spike-statistics.js";

// Operations

export {
  type AuxiliaryOperations,
  auxiliaryOperations,
  type MeasuredOperations,
} from "./auxiliary-operations.js";
export { type CountedNetwork, countedNetwork } from "./counted-network.js";
export { denseOperations, twinConfig } from "./dense-twin.js";
export { axisFanOut, transposedAxisFanOut } from "./fan-out.js";
export type { LayerOperations } from "./layer-operations.js";
export { type NetworkOperations, OperationCounter } from "./operation-counter.js";
export {
  denseMacs,
  type FeedingLayer,
  type InputSource,
  type SynapticLayer,
  synapticLayers,
} from "./synaptic-layers.js";
