/** Event planes without labels as a network sees them. */
import type { Planes, Size } from "../../images/web.js";
import { type EventScaling, eventPreparation } from "./event-preparation.js";

/**
 * Resizes and scales event planes as data sets of events do.
 *
 * @param planes - `[C, H, W]` of any size, as `eventPlanes` makes them; not changed
 * @param options - as in training
 * @param options.size - height h and width w of the network's input
 * @param options.scaling - what is brought to ±0.5 (default `"channel"`)
 * @returns `[C, h, w]`
 */
export function fitEvents(
  planes: Planes,
  options: { readonly size: Size; readonly scaling?: EventScaling },
): Float32Array {
  const { resize, normalise } = eventPreparation(options);
  return normalise(resize(planes));
}
