/** From a trained ANN to a spiking network. */

// Thresholds
export { type ThresholdType, thresholdTypes } from "../serialization/index.js";
// What an ANN's activations look like
export { ActivationHistogram } from "./activation-histogram.js";
export type { CalibrationBatch } from "./calibration-batch.js";
export { collectActivations, type LayerActivations } from "./collect-activations.js";
// Conversion
export { type ConversionFacts, conversionWarnings } from "./conversion-warnings.js";
export { annModel, type Conversion, type ConversionOptions, convertAnn } from "./convert-ann.js";
export { convertToSnn } from "./convert-to-snn.js";
export { type FindOptions, findThresholds } from "./find-thresholds.js";
export { type AnnNetwork, foldBatchNorm } from "./fold-batch-norm.js";
// What came of it
export {
  doublingTimesteps,
  type LatencyBatch,
  type LatencyPoint,
  latencyCurve,
  withTimesteps,
} from "./latency-curve.js";
export { type LayerReport, layerReport } from "./layer-report.js";
export {
  applyThresholds,
  scaleThresholds,
  type Threshold,
  type Thresholds,
} from "./layer-thresholds.js";
// Methods
export { type ConversionMethod, conversionMethods, type MethodTraits, methodTraits } from "./methods.js";
