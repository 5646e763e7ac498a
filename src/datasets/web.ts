/** Preparation of pictures and events for a network, without Node. */

export type { Fit, Preprocessing } from "./core/dataset-spec.js";
export type { InputRegion } from "./core/input-region.js";
export { distinctColors } from "./masks/distinct-colors.js";
export type { EventScaling } from "./prepare/event-preparation.js";
export { fitEvents } from "./prepare/fit-events.js";
export { fitPicture } from "./prepare/fit-picture.js";
export { normalisePicture } from "./prepare/preprocessing.js";
export { type EventFrameOptions, type EventRepresentation, eventPlanes } from "./recordings/event-frame.js";
