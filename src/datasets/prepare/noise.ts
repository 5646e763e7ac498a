/** Noise for tests of robustness, on values of 0 … 255, before normalisation. */
import { OptionError } from "../../errors.js";
import { blurPlanes, type Planes } from "../../images/index.js";
import { normal, uniform } from "../../random/index.js";

/**
 * - `"salt-and-pepper"`: each pixel becomes, with probability `strength`, black or white in all channels
 * - `"gaussian"`: every value gets normal noise of standard deviation `strength`; nothing is clipped
 * - `"blur"`: Gaussian smoothing of `strength` pixels
 * - `"event-drop"`: each value above its channel's least, so each pixel with events, falls to it with probability
 *   `strength`
 * - `"event-spurious"`: each value at its channel's least becomes, with probability `strength`, one between that and
 *   the channel's largest
 */
export interface Noise {
  /** Which of the kinds above. */
  readonly kind: "salt-and-pepper" | "gaussian" | "blur" | "event-drop" | "event-spurious";
  /** Probability, standard deviation on the 0 … 255 scale, or pixels. */
  readonly strength: number;
}

/**
 * Checks a noise setting.
 *
 * @throws OptionError if the strength is out of range
 */
export function checkNoise({ kind, strength }: Noise): void {
  const isShare = kind !== "gaussian" && kind !== "blur";
  const most = isShare ? 1 : 255;
  if (strength >= 0 && strength <= most) return;
  throw new OptionError(
    `noise ${kind}: expected a strength from 0 to ${most}, received ${strength}; ${isShare ? "it is the share of changed pixels" : "choose a smaller one"}`,
  );
}

/**
 * The planes with noise; the input is not changed.
 *
 * @param planes - `[C, H, W]`, 0 … 255
 * @param noise - kind and strength; of strength 0 the planes themselves come back
 * @param seed - of the draws; the same gives the same noise
 */
export function addNoise(planes: Planes, { kind, strength }: Noise, seed: number): Planes {
  if (strength === 0) return planes;
  if (kind === "blur") return blurPlanes(planes, strength);
  if (kind === "gaussian") {
    return { ...planes, data: planes.data.map((value, i) => value + strength * normal(seed, i)) };
  }
  if (kind !== "salt-and-pepper") return eventNoise(planes, { kind, strength }, seed);
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

function eventNoise(planes: Planes, { kind, strength }: Noise, seed: number): Planes {
  const pixels = planes.height * planes.width;
  const data = planes.data.slice();
  for (let c = 0; c < planes.channels; c++) {
    const channel = data.subarray(c * pixels, (c + 1) * pixels);
    const least = channel.reduce((a, b) => Math.min(a, b));
    const largest = channel.reduce((a, b) => Math.max(a, b));
    for (let p = 0; p < pixels; p++) {
      const i = c * pixels + p;
      const empty = channel[p] === least;
      if (empty !== (kind === "event-spurious") || uniform(seed, 2 * i) >= strength) continue;
      channel[p] = empty ? least + (largest - least) * uniform(seed, 2 * i + 1) : least;
    }
  }
  return { ...planes, data };
}
