/** Inference without libtorch and without Node. */

export { convolvedSize } from "./map-sizes.js";
export {
  type ConvStep,
  type FireStep,
  metadataKey,
  modelVersion,
  type WebMap,
  type WebModel,
  type WebScores,
  type WebStep,
} from "./model.js";
export type {
  BeginOptions,
  LayerDescription,
  ModelDescription,
  OpenWebOptions,
  WebActivity,
  WebChannelScale,
  WebEventInput,
  WebNetwork,
  WebPictureInput,
} from "./network.js";
export { openWebNetwork, webEngines } from "./open-network.js";
export { readModel } from "./read-model.js";
