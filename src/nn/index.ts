/** Building blocks of networks. */

// Modules and their state

export { loadState, Module, readState, type StateDifference } from "./module.js";

// Layers

export { BATCH_NORM_EPS, BATCH_NORM_MOMENTUM, BatchNorm2d } from "./batch-norm.js";
export {
  Conv2d,
  type ConvSettings,
  type Precision,
  precisions,
  Upsampler,
  type UpsamplerSettings,
} from "./conv.js";
export { type Init, initialWeights, inits } from "./init.js";
export { type ActivatedMap, type IntegerActivation, normalizedActivation } from "./normalized-activation.js";
export { QuantizedRelu } from "./quantized-relu.js";

// Training

export {
  type LearningRatePlan,
  scheduledLearningRate,
  schedules,
  stepFactor,
  stepLearningRate,
} from "./learning-rate.js";
export * from "./losses/index.js";
export { MovingAverage } from "./moving-average.js";
export { Adam, type AdamOptions } from "./optimizers/adam.js";
export { AdamW, type AdamWOptions } from "./optimizers/adamw.js";
export { type NamedParameters, Optimizer } from "./optimizers/optimizer.js";
export { Sgd, type SgdOptions } from "./optimizers/sgd.js";
