/** Pictures and their labels at the network's size. */
import {
  type LabelMap,
  type Planes,
  type Rgb,
  type RgbImage,
  resizeLabels,
  resizePicture,
  type Size,
} from "../images/index.js";
import { voidLabel } from "./dataset.js";

/** A picture `[3, H, W]`, RGB 0 … 255, with its labels `[H, W]`. */
export interface FittedPicture {
  readonly picture: Planes;
  readonly labels: LabelMap;
}

/** Resizes both to `size` whatever their aspect. */
export function stretch(image: RgbImage, labels: LabelMap, size: Size): FittedPicture {
  return { picture: resizePicture(image, size), labels: resizeLabels(labels, size) };
}

/**
 * Resizes both as large as `size` holds without changing their aspect, centred.
 *
 * @param padding - colour of the bars; their labels are void
 */
export function letterbox(
  image: RgbImage,
  labels: LabelMap,
  { size, padding }: { readonly size: Size; readonly padding: Rgb },
): FittedPicture {
  const [height, width] = size;
  const scale = Math.min(height / image.height, width / image.width);
  const inner: Size = [
    Math.min(height, Math.max(1, Math.round(image.height * scale))),
    Math.min(width, Math.max(1, Math.round(image.width * scale))),
  ];
  const fitted = stretch(image, labels, inner);
  if (inner[0] === height && inner[1] === width) return fitted;

  const top = (height - inner[0]) >> 1;
  const left = (width - inner[1]) >> 1;
  const picture = new Float32Array(3 * height * width);
  const padded = new Uint8Array(height * width).fill(voidLabel);
  for (let c = 0; c < 3; c++)
    picture.fill(padding[c] as number, c * height * width, (c + 1) * height * width);
  for (let y = 0; y < inner[0]; y++) {
    const target = (top + y) * width + left;
    padded.set(fitted.labels.data.subarray(y * inner[1], (y + 1) * inner[1]), target);
    for (let c = 0; c < 3; c++) {
      const source = (c * inner[0] + y) * inner[1];
      picture.set(fitted.picture.data.subarray(source, source + inner[1]), c * height * width + target);
    }
  }
  return { picture: { channels: 3, height, width, data: picture }, labels: { height, width, data: padded } };
}
