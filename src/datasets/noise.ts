/** Noise for tests of robustness, on values of 0 … 255, before normalisation. */
import { OptionError } from "../errors.js";
import { blurPlanes, type Planes } from "../images/index.js";
import { normal, uniform } from "../random/index.js";

/**
 * - `"salt-and-pepper"`: each pixel becomes, with probability `strength`, black or white in all channels
 * - `"gaussian"`: every value gets normal noise of standard deviation `strength`; nothing is clipped
 * - `"blur"`: Gaussian smoothing of `strength` pixels
 */
export interface Noise {
  readonly kind: "salt-and-pepper" | "gaussian" | "blur";
  /** Probability, standard deviation on the 0 … 255 scale, or pixels. */
  readonly strength: number;
}

/**
 * Checks a noise setting.
 *
 * @throws OptionError if the strength is out of range
 */
export function checkNoise({ kind, strength }: Noise): void {
  const most = kind === "salt-and-pepper" ? 1 : 255;
  if (strength >= 0 && strength <= most) return;
  throw new OptionError(
    `noise ${kind}: expected a strength from 0 to ${most}, received ${strength}; ${kind === "salt-and-pepper" ? "it is the share of changed pixels" : "choose a smaller one"}`,
  );
}

/**
 * The planes with noise; the input is not changed.
 *
 * @param planes - `[C, H, W]`, 0 … 255
 */
export function addNoise(planes: Planes, { kind, strength }: Noise, seed: number): Planes {
  if (strength === 0) return planes;
  if (kind === "blur") return blurPlanes(planes, strength);
  if (kind === "gaussian") {
    return { ...planes, data: planes.data.map((value, i) => value + strength * normal(seed, i)) };
  }
  const data = planes.data.slice();
  const pixels = planes.height * planes.width;
  for (let i = 0; i < pixels; i++) {
    const draw = uniform(seed, i);
    if (draw >= strength) continue;
    const value = draw < strength / 2 ? 0 : 255;
    for (let c = 0; c < planes.channels; c++) data[c * pixels + i] = value;
  }
  return { ...planes, data };
}
