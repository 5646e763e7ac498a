/** Pictures and masks: decode, encode, resize. */

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

// Reading

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
export { decodePicture, type PictureOptions, pictureSuffixes, readPicture } from "./picture.js";

// Resizing and smoothing

export {
  blurPlanes,
  type Crop,
  type LabelPixel,
  type LabelResizing,
  labelPixels,
  labelShift,
  planesOf,
  resizeLabels,
  resizeLabelsCrop,
  resizePicture,
  resizePictureCrop,
  resizePlanes,
} from "./resize.js";
export { resizeImage } from "./resize-image.js";
export { gaussianKernel, mirrored } from "./sampling.js";

// Writing

export { sideBySide } from "./side-by-side.js";
export { checkAnimationName, encodeAnimation } from "./write-animation.js";
export { encodeMaskPng, encodePaletteMaskPng, encodePicturePng } from "./write-png.js";
