/** A picture without labels as a network sees it, and where in the input it lies. */
import type { RgbImage, Size } from "../images/index.js";
import { voidLabel } from "./dataset.js";
import type { Fit, Preprocessing } from "./dataset-spec.js";
import { letterbox, stretch } from "./fit.js";
import { defaultFit } from "./picture-source.js";
import { neutralColor, normalisePicture } from "./preprocessing.js";

/** A rectangle of the network's input: `[top, left, height, width]`. */
export type InputRegion = readonly [top: number, left: number, height: number, width: number];

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
  const { height, width } = image;
  const anywhere = { height, width, data: new Uint8Array(height * width) };
  const padding = neutralColor(preprocessing);
  const { picture, labels } =
    fit === "stretch" ? stretch(image, anywhere, size) : letterbox(image, anywhere, { size, padding });
  // Labels of bars are void, so the picture begins at the first other one and ends at the last.
  const first = labels.data.findIndex((label) => label !== voidLabel);
  const last = labels.data.findLastIndex((label) => label !== voidLabel);
  const [top, left] = [Math.floor(first / size[1]), first % size[1]];
  const region = [top, left, Math.floor(last / size[1]) + 1 - top, (last % size[1]) + 1 - left] as const;
  return { input: normalisePicture(picture, preprocessing), region };
}
