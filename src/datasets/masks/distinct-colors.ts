/** Colours for classes that have none of their own. */
import type { Rgb } from "../../images/web.js";

const goldenAngle = 137.508;

/**
 * Colours that stay apart: hues a golden angle from one to the next, at three levels of lightness.
 *
 * @param count - 0 or more; the first ones are the same for every count
 */
export function distinctColors(count: number): readonly Rgb[] {
  return Array.from({ length: count }, (_, i) => {
    const hue = (i * goldenAngle) % 360;
    return hslColor(hue, 0.65, [0.5, 0.35, 0.7][i % 3] as number);
  });
}

/** HSL to RGB bytes; hue in degrees, saturation and lightness in [0, 1]. */
function hslColor(hue: number, saturation: number, lightness: number): Rgb {
  const spread = saturation * Math.min(lightness, 1 - lightness);
  const channel = (n: number) => {
    const k = (n + hue / 30) % 12;
    return Math.round(255 * (lightness - spread * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}
