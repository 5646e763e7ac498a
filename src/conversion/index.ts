/** From a trained ANN to a spiking network. */

// An ANN's activations on calibration images

export { ActivationHistogram } from "./activation-histogram.js";
export type { CalibrationBatch } from "./calibration-batch.js";
export { collectActivations, type LayerActivations } from "./collect-activations.js";

// Thresholds

export { type ThresholdType, thresholdTypes } from "../serialization/index.js";
export { type FindOptions, findThresholds } from "./find-thresholds.js";
export {
  applyThresholds,
  scaleThresholds,
  type Threshold,
  type Thresholds,
} from "./layer-thresholds.js";

// Conversion

export { annModel, type Conversion, type ConversionOptions, convertAnn } from "./convert-ann.js";
export { convertToSnn } from "./convert-to-snn.js";
export { type AnnNetwork, foldBatchNorm } from "./fold-batch-norm.js";
export { type ConversionMethod, conversionMethods, type MethodTraits, methodTraits } from "./methods.js";
export { quantizeAnn } from "./quantize-ann.js";

// What came of it

export { type ConversionFacts, conversionWarnings } from "./conversion-warnings.js";
export {
  doublingTimesteps,
  type LatencyBatch,
  type LatencyPoint,
  latencyCurve,
  withTimesteps,
} from "./latency-curve.js";
export { type LayerReport, layerReport } from "./layer-report.js";
