/**
 * Random scales and crops as segmentation networks are usually trained with: of the picture as its file holds it, so
 * that an object that comes closer shows the detail that it has.
 */
import { type Crop, resizeLabelsCrop, resizePictureCrop } from "../../images/index.js";
import { Draws } from "../../random/index.js";
import type { DecodedPicture } from "../core/record.js";
import {
  type Augmentation,
  type AugmentedExample,
  colorChange,
  defaultScales,
  outsideLabel,
} from "./augmentation.js";
import { type Fitting, fittedRegion } from "./fit.js";

/** Along one axis: which part of the scaled picture is seen, and where in the result it begins. */
interface Span {
  readonly from: number;
  readonly length: number;
  readonly to: number;
}

/**
 * Draws one change from `seed`: the picture at `scale` times the size that it has in the network's input, a part of it
 * where that is larger than the crop (the input, unless another size is said), all of it at a random place where it is smaller, axis by axis; flipped or not;
 * other brightness, contrast and saturation.
 *
 * @param decoded - not changed
 */
export function scaleCrop(
  { picture, labels }: DecodedPicture,
  {
    fitting,
    augment,
    seed,
  }: { readonly fitting: Fitting; readonly augment: Augmentation; readonly seed: number },
): AugmentedExample {
  const { fit, padding, labelPixel } = fitting;
  const { crop: size = fitting.size } = augment;
  const draws = new Draws(seed);
  const flip = draws.chance(0.5);
  const scale = draws.between(...(augment.scale ?? defaultScales));
  const [, , ...inner] = fittedRegion([picture.height, picture.width], fitting.size, fit);
  const [rows, columns] = inner.map((side) => Math.max(1, Math.round(scale * side))) as [number, number];
  const [y, x] = [spanOf(draws, rows, size[0]), spanOf(draws, columns, size[1])];
  const color = colorChange(draws);
  const crop = { top: y.from, left: x.from, height: y.length, width: x.length };
  const part = color(resizePictureCrop(picture, [rows, columns], crop));
  const ids = resizeLabelsCrop(labels, [rows, columns], { crop, pixel: labelPixel });

  const [height, width] = size;
  const pixels = height * width;
  const place = { part: crop, top: y.to, left: x.to, width, flip };
  const data = new Float32Array(3 * pixels);
  for (let c = 0; c < 3; c++) {
    const plane = data.subarray(c * pixels, (c + 1) * pixels).fill(padding[c] as number);
    put(part.data.subarray(c * y.length * x.length), plane, place);
  }
  const label = new Uint8Array(pixels).fill(outsideLabel(augment));
  put(ids.data, label, place);
  return { planes: [{ channels: 3, height, width, data }], label };
}

function spanOf(draws: Draws, scaled: number, side: number): Span {
  const at = draws.integer(Math.abs(scaled - side) + 1);
  return scaled > side ? { from: at, length: side, to: 0 } : { from: 0, length: scaled, to: at };
}

/** Copies a part into rows of `width`, from right to left where it is flipped. */
function put(
  from: Float32Array | Uint8Array,
  to: Float32Array | Uint8Array,
  place: Pick<Crop, "top" | "left" | "width"> & { readonly part: Crop; readonly flip: boolean },
): void {
  const { part, top, width, flip } = place;
  const [left, step] = flip ? [width - 1 - place.left, -1] : [place.left, 1];
  for (let y = 0, i = 0; y < part.height; y++) {
    let target = (top + y) * width + left;
    for (let x = 0; x < part.width; x++, i++, target += step) to[target] = from[i] as number;
  }
}
