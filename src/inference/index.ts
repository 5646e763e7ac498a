/** Inference of spiking networks on fused kernels: bits between layers, no gradients. */

// A network by precision

export { type ExplainedLayer, explainedLayers } from "./explained-layers.js";
export { type ComputePrecision, checkComputing, computePrecisions, Forward } from "./forward.js";

// Fused networks

export { checkFiniteState } from "./finite-state.js";
export { type FoldedNorm, foldNorm } from "./folded-norm.js";
export { type FuseOptions, fuseSnn } from "./fuse-snn.js";
export type { FusedResult, FusedSnn } from "./fused-snn.js";
export { fusionObstacle } from "./fusible.js";

// Spikes as bits

export {
  type ConvPlan,
  describeConv,
  type FiredBits,
  type FoldedNeurons,
  type FusedPrecision,
  fusedPrecisions,
  instructionSet,
  instructionSets,
  lifSpikes,
  type PackOptions,
  packBytes,
  packConv,
  packSpikes,
  spikeConv,
  spikeConvLif,
  sumSpikes,
  unpackSpikes,
  weightError,
} from "./spike-ops.js";

// Small integers

export { fuseIntegers } from "./fuse-integers.js";
export type { IntegerNet } from "./integer-net.js";
export { integersObstacle } from "./integer-neurons.js";

export {
  fireIntegers,
  type IntegerConvOptions,
  type IntegerNeurons,
  type IntegerWeights,
  integerConv2d,
  integerConvCurrents,
  integerConvJoin,
  type JoinedIntegers,
  packIntegerConv,
} from "./integer-ops.js";
