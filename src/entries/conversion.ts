/**
 * From ANN to SNN, step by step.
 *
 * @module snnseg/conversion
 */

export {
  ActivationHistogram,
  type AnnNetwork,
  annModel,
  applyThresholds,
  type CalibrationBatch,
  type Conversion,
  type ConversionFacts,
  type ConversionMethod,
  type ConversionOptions,
  collectActivations,
  conversionMethods,
  conversionWarnings,
  convertAnn,
  doublingTimesteps,
  type FindOptions,
  findThresholds,
  foldBatchNorm,
  type LatencyBatch,
  type LatencyPoint,
  type LayerActivations,
  type LayerReport,
  latencyCurve,
  layerReport,
  type MethodTraits,
  methodTraits,
  quantizeAnn,
  scaleThresholds,
  type Threshold,
  type Thresholds,
  withTimesteps,
} from "../conversion/index.js";
