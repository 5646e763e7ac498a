/** Pictures and their labels at the network's size. */
import {
  type LabelMap,
  type LabelPixel,
  type Planes,
  type Rgb,
  type RgbImage,
  resizeLabels,
  resizePicture,
  type Size,
} from "../../images/web.js";
import { voidLabel } from "../../metrics/web.js";
import type { Fit, PictureSpec } from "../core/dataset-spec.js";
import type { InputRegion } from "../core/input-region.js";
import { neutralColor } from "./preprocessing.js";

/**
 * The part of the network's input that shows a picture: all of it where pictures are stretched; in a letterbox the
 * largest of the picture's aspect, centred.
 */
export function fittedRegion([height, width]: Size, size: Size, fit: Fit): InputRegion {
  if (fit === "stretch") return [0, 0, ...size];
  const scale = Math.min(size[0] / height, size[1] / width);
  const inner = (side: number, most: number) => Math.min(most, Math.max(1, Math.round(side * scale)));
  const [rows, columns] = [inner(height, size[0]), inner(width, size[1])];
  return [(size[0] - rows) >> 1, (size[1] - columns) >> 1, rows, columns];
}

/** How pictures and labels come to the network's size. */
export interface Fitting {
  readonly size: Size;
  readonly fit: Fit;
  /** Colour of a letterbox's bars; their labels are void. */
  readonly padding: Rgb;
  /** Default `"centre"`. */
  readonly labelPixel?: LabelPixel | undefined;
}

/** How pictures come to the network's size where only some of it is said. */
export function pictureFitting({
  imgSize: size,
  preprocessing = "paper",
  fit = preprocessing === "imagenet" ? "letterbox" : "stretch",
  labelPixel,
}: Pick<PictureSpec, "imgSize" | "preprocessing" | "fit" | "labelPixel">): Fitting {
  return { size, fit, padding: neutralColor(preprocessing), labelPixel };
}

/** A picture, RGB 0 … 255, at the network's size: `[3, H, W]`. */
export function fitImage(image: RgbImage, { size, fit, padding }: Fitting): Planes {
  const [height, width] = size;
  const [top, left, rows, columns] = fittedRegion([image.height, image.width], size, fit);
  const inner = resizePicture(image, [rows, columns]);
  if (rows === height && columns === width) return inner;
  const picture = new Float32Array(3 * height * width);
  for (let c = 0; c < 3; c++) {
    picture.fill(padding[c] as number, c * height * width, (c + 1) * height * width);
    for (let y = 0; y < rows; y++) {
      const source = (c * rows + y) * columns;
      const target = (c * height + top + y) * width + left;
      picture.set(inner.data.subarray(source, source + columns), target);
    }
  }
  return { channels: 3, height, width, data: picture };
}

/** A picture's labels at the network's size: `[H, W]`. */
export function fitLabels(labels: LabelMap, { size, fit, labelPixel }: Fitting): LabelMap {
  const [height, width] = size;
  const [top, left, rows, columns] = fittedRegion([labels.height, labels.width], size, fit);
  const inner = resizeLabels(labels, [rows, columns], { pixel: labelPixel });
  if (rows === height && columns === width) return inner;
  const padded = new Uint8Array(height * width).fill(voidLabel);
  for (let y = 0; y < rows; y++) {
    padded.set(inner.data.subarray(y * columns, (y + 1) * columns), (top + y) * width + left);
  }
  return { height, width, data: padded };
}
