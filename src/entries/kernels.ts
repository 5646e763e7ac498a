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
  fireIntegers,
  fusionObstacle,
  type IntegerConvOptions,
  type IntegerNeurons,
  type IntegerWeights,
  instructionSet,
  instructionSets,
  integerConv2d,
  integerConvCurrents,
  integerConvJoin,
  integersObstacle,
  type JoinedIntegers,
  lifSpikes,
  type PackOptions,
  packBytes,
  packConv,
  packIntegerConv,
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
