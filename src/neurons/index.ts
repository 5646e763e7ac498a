/** Spiking neurons: dynamics over timesteps, surrogate gradients, input coding. */

// Leaky integrate-and-fire
export {
  checkDynamics,
  checkLeak,
  checkThreshold,
  type Dynamics,
  type Reset,
  resets,
} from "./check-neurons.js";
// Input coding
export { poissonEncoding, seededUniform, type UniformSource } from "./encoding.js";
export { BatchNormThroughTime, LifLayer, type NeuronSettings } from "./lif-layer.js";
export {
  type LifOptions,
  type LifResult,
  lifSequence,
  type TemporalNorm,
} from "./lif-sequence.js";
export { lifSequenceReference } from "./lif-sequence-reference.js";
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
export { type PoissonLoss, poissonLoss, poissonLossWarning } from "./poisson-loss.js";
// Regularisation
export { SpikeRatePenalty } from "./spike-rate-penalty.js";
// Surrogate gradients
export { type Surrogate, spike, surrogatePrimitive, surrogates } from "./surrogates.js";
