/** The reference's preparation of a VOC example, as one pure function. */
import type { LabelMap, RgbImage, Size } from "../../../images/index.js";
import { withVoidAs } from "../../masks/labels.js";
import { picturePreparation } from "../../prepare/picture-preparation.js";

/**
 * What a `voc2012` data set with `labelPixel: "corner"` makes of an image and its labels.
 *
 *     image = (resize(BGR) − mean) / 255,  label[j] = label[⌊j·in/out⌋]
 *
 * @param image - RGB of any size; not changed
 * @param labels - classes 0 … 20 and 255 for void
 * @param options - as in the data set's spec
 * @param options.size - height h and width w of the result
 * @param options.void - `"background"` turns void into class 0, as the reference does for training
 */
export function vocTransform(
  image: RgbImage,
  labels: LabelMap,
  { size, void: rule }: { readonly size: Size; readonly void: "ignore" | "background" },
): {
  /** `[3, h, w]`. */
  readonly image: Float32Array;
  /** `[h, w]`. */
  readonly label: Uint8Array;
} {
  const preparation = picturePreparation({ imgSize: size, preprocessing: "paper", labelPixel: "corner" });
  const label = preparation.fitLabels(labels);
  return {
    image: preparation.normalise(preparation.fitImage(image)),
    label: rule === "background" ? withVoidAs(0, label) : label,
  };
}
