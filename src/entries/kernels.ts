/**
 * Fused kernels on spikes as bits.
 *
 * @module snnseg/kernels
 */

export {
  type ComputePrecision,
  type ConvPlan,
  describeConv,
  type ExplainedLayer,
  explainedLayers,
  type FiredBits,
  type FoldedNeurons,
  Forward,
  type FusedPrecision,
  type FusedResult,
  fusionObstacle,
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
} from "../inference/index.js";
export {
  type PackedLayerOptions,
  type PackedLayerResult,
  type PackedSpikes,
  packedConv2d,
  packedConvLif,
  packedRate,
  packedSum,
  type TrainingPlan,
  trainingPlan,
} from "../neurons/index.js";
