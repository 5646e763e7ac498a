/** Labels laid over the picture that they belong to. */
import type { Rgb, RgbImage } from "../images/web.js";
import { voidLabel } from "../metrics/web.js";

/**
 * Mixes class colours into a picture. Where the label is void, has no colour, or its colour is black, as that of
 * backgrounds often is, the picture stays as it is.
 *
 * @param labels - `[H, W]` class ids of the picture's size
 * @param share - of the class colour in the mixture
 */
export function overlayImage(
  { height, width, data }: RgbImage,
  {
    labels,
    colors,
    share = 0.55,
  }: { readonly labels: ArrayLike<number>; readonly colors: readonly Rgb[]; readonly share?: number },
): RgbImage {
  const mixed = data.slice();
  for (let i = 0; i < height * width; i++) {
    const label = labels[i]!;
    const color = label === voidLabel ? undefined : colors[label];
    if (color === undefined || color.every((value) => value === 0)) continue;
    for (let c = 0; c < 3; c++) {
      mixed[i * 3 + c] = Math.round(data[i * 3 + c]! * (1 - share) + color[c]! * share);
    }
  }
  return { height, width, data: mixed };
}
