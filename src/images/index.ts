/** Pictures and masks: decode, encode, resize. */

export {
  colorError,
  decodeMask,
  decodeStoredMask,
  greyValue,
  maskSuffixes,
  readMask,
  readStoredMask,
} from "./mask.js";
export type { Orientation } from "./orientation.js";

// Reading
export { decodePicture, type PictureOptions, pictureSuffixes, readPicture } from "./picture.js";
// Forms
export {
  colorKey,
  type IdMap,
  type LabelMap,
  maxPixels,
  type Planes,
  type Rgb,
  type RgbImage,
  type Size,
  type StoredMask,
} from "./raster.js";
// Resizing and smoothing
export {
  blurPlanes,
  type LabelPixel,
  type LabelResizing,
  labelPixels,
  labelShift,
  planesOf,
  resizeLabels,
  resizePicture,
  resizePlanes,
} from "./resize.js";
export { gaussianKernel, mirrored } from "./sampling.js";
export { sideBySide } from "./side-by-side.js";
// Writing
export { checkAnimationName, encodeAnimation } from "./write-animation.js";
export { encodeMaskPng, encodePaletteMaskPng, encodePicturePng } from "./write-png.js";
