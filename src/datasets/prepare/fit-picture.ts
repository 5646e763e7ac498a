/** A picture without labels as a network sees it, and where in the input it lies. */
import type { RgbImage, Size } from "../../images/web.js";
import type { Fit, Preprocessing } from "../core/dataset-spec.js";
import type { InputRegion } from "../core/input-region.js";
import { fitImage, fittedRegion, pictureFitting } from "./fit.js";
import { normalisePicture } from "./preprocessing.js";

/**
 * Fits and normalises a picture as picture data sets do.
 *
 * @param image - RGB of any size; not changed
 * @param options - as in a data set's spec
 * @param options.size - height h and width w of the network's input
 * @param options.preprocessing - how colours are scaled
 * @param options.fit - how other aspects fit (default `"letterbox"` with `"imagenet"`, else `"stretch"`)
 */
export function fitPicture(
  image: RgbImage,
  {
    size,
    preprocessing,
    fit,
  }: { readonly size: Size; readonly preprocessing: Preprocessing; readonly fit?: Fit | undefined },
): {
  /** `[3, h, w]`, normalised. */
  readonly input: Float32Array;
  /** The part of it that shows the picture. */
  readonly region: InputRegion;
} {
  const fitting = pictureFitting({ imgSize: size, preprocessing, ...(fit === undefined ? {} : { fit }) });
  return {
    input: normalisePicture(fitImage(image, fitting), preprocessing),
    region: fittedRegion([image.height, image.width], size, fitting.fit),
  };
}
