/** Spiking neurons: dynamics over timesteps, surrogate gradients, input coding. */

// What defines neurons

export { checkDynamics, checkLeak, checkThreshold } from "./check-neurons.js";
export {
  type Dynamics,
  type LifOptions,
  type LifResult,
  lifDefaults,
  type Reset,
  resets,
  type TemporalNorm,
} from "./lif-options.js";
export {
  integerNeurons,
  isIntegerNeuron,
  type NamedNeuronSettings,
  type NeuronName,
  namedNeuron,
  neuronNames,
  sendsIntegers,
} from "./named-neurons.js";
export {
  checkNeuron,
  lif,
  MOST_LEVELS,
  type Neuron,
  type NeuronParameters,
  type NeuronStep,
  neuronObstacle,
  neuronStep,
} from "./neuron.js";
export {
  type Surrogate,
  type SurrogateFunction,
  type SurrogateName,
  spike,
  surrogateObstacle,
  surrogatePrimitive,
  surrogates,
} from "./surrogates.js";

// Over all timesteps

export { BatchNormThroughTime } from "./batch-norm-through-time.js";
export { type IntegerOptions, integerSequence } from "./integer-sequence.js";
export { lifSequence } from "./lif-sequence.js";
export { lifSequenceReference } from "./lif-sequence-reference.js";
export { NeuronLayer, type NeuronSettings } from "./neuron-layer.js";
export { type NeuronOptions, neuronSequence } from "./neuron-sequence.js";
export { SharedNorm, type SharedNormName, type SharedNormSettings, sharedNorms } from "./shared-norm.js";

// Training on bits

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
} from "./packed-spikes.js";

// Input coding

export { poissonEncoding, seededUniform, type UniformSource } from "./encoding.js";
export { type PoissonLoss, poissonLoss, poissonLossWarning } from "./poisson-loss.js";

// Regularisation

export { SpikeRatePenalty } from "./spike-rate-penalty.js";
