/** Pictures at the network's size and scale: the one way for examples of every data set and for pictures without labels. */
import type { LabelMap, Planes, RgbImage, Size } from "../../images/index.js";
import type { PictureSpec } from "../core/dataset-spec.js";
import type { InputRegion } from "../core/input-region.js";
import type { DecodedPicture } from "../core/record.js";
import type { Augmentation, AugmentedExample } from "./augmentation.js";
import { fitImage, fitLabels, fittedRegion, pictureFitting } from "./fit.js";
import { normalisePicture } from "./preprocessing.js";
import { scaleCrop } from "./scale-crop.js";

/** Fitting first, then normalisation, so that augmentation and noise come between them. */
export interface PicturePreparation {
  /** The picture at the network's size, RGB 0 … 255. */
  fitImage(image: RgbImage): Planes;
  /** Its labels at the network's size, `[h, w]`. */
  fitLabels(labels: LabelMap): Uint8Array;
  /** Where in the network's input a picture of that size lies. */
  regionOf(stored: Size): InputRegion;
  normalise(values: Planes): Float32Array;
  /** A random part of the picture and its labels at the network's size, changed as {@link scaleCrop} does. */
  part(
    decoded: DecodedPicture,
    change: { readonly augment: Augmentation; readonly seed: number },
  ): AugmentedExample;
}

/** The preparation of pictures for one network. */
export function picturePreparation(
  spec: Pick<PictureSpec, "imgSize" | "preprocessing" | "fit" | "labelPixel">,
): PicturePreparation {
  const { preprocessing = "paper" } = spec;
  const fitting = pictureFitting(spec);
  const { size, fit } = fitting;
  return {
    fitImage: (image) => fitImage(image, fitting),
    fitLabels: (labels) => fitLabels(labels, fitting).data,
    regionOf: (stored) => fittedRegion(stored, size, fit),
    normalise: (values) => normalisePicture(values, preprocessing),
    part: (decoded, change) => scaleCrop(decoded, { fitting, ...change }),
  };
}
