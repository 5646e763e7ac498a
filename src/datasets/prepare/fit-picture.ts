/** A picture without labels as a network sees it, and where in the input it lies. */
import type { RgbImage, Size } from "../../images/index.js";
import type { InputRegion } from "../core/dataset.js";
import type { Fit, Preprocessing } from "../core/dataset-spec.js";
import { picturePreparation } from "./picture-preparation.js";

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
    fit,
  }: { readonly size: Size; readonly preprocessing: Preprocessing; readonly fit?: Fit | undefined },
): { readonly input: Float32Array; readonly region: InputRegion } {
  const preparation = picturePreparation({
    imgSize: size,
    preprocessing,
    ...(fit === undefined ? {} : { fit }),
  });
  return {
    input: preparation.normalise(preparation.fitImage(image)),
    region: preparation.regionOf([image.height, image.width]),
  };
}
