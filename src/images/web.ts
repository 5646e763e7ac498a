/** Pictures without Node: their forms, resizing, and putting them together; a page decodes by itself. */

export type { Orientation } from "./orientation.js";
export type { IdMap, LabelMap, Planes, Rgb, RgbImage, Size } from "./raster.js";
export { type LabelPixel, type LabelResizing, resizeLabels, resizePicture, resizePlanes } from "./resize.js";
export { sideBySide } from "./side-by-side.js";
