/** Results as pictures, without Node. */

export { type LegendEntry, legendOf, voidColor } from "./colors.js";
export { eventImage } from "./event-image.js";
export { labelImage } from "./label-image.js";
export { overlayImage } from "./overlay.js";
export { type EventColors, polarityImage } from "./polarity-image.js";
