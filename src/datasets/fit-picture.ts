/** A picture without labels as a network sees it, and where in the input it lies. */
import type { RgbImage, Size } from "../images/index.js";
import type { Fit, Preprocessing } from "./dataset-spec.js";
import { fitImage, fittedRegion, type InputRegion } from "./fit.js";
import { defaultFit } from "./picture-source.js";
import { neutralColor, normalisePicture } from "./preprocessing.js";

/**
 * Fits and normalises a picture as picture data sets do.
 *
 * @returns `[3, h, w]` and the part of it that shows the picture
 */
export function fitPicture(
  image: RgbImage,
  {
    size,
    preprocessing,
    fit = defaultFit(preprocessing),
  }: { readonly size: Size; readonly preprocessing: Preprocessing; readonly fit?: Fit | undefined },
): { readonly input: Float32Array; readonly region: InputRegion } {
  const picture = fitImage(image, { size, fit, padding: neutralColor(preprocessing) });
  return {
    input: normalisePicture(picture, preprocessing),
    region: fittedRegion([image.height, image.width], size, fit),
  };
}
