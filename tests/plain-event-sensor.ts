/** Events of one pixel after another, straight from the definition: what the simulated sensor is held to. */

/** A pixel's brightness: log intensity at some moments, linear in between. */
export interface PixelSignal {
  readonly timesUs: readonly number[];
  readonly levels: readonly number[];
}

/** Time and polarity of each event. */
export type PixelEvent = readonly [timeUs: number, polarity: number];

/**
 * @param signal - of the pixel
 * @param model - its own contrasts, and what all pixels have in common
 */
export function pixelEvents(
  { timesUs, levels }: PixelSignal,
  {
    on,
    off,
    refractoryUs,
    leakHz,
  }: { readonly on: number; readonly off: number; readonly refractoryUs: number; readonly leakHz: number },
): PixelEvent[] {
  const events: PixelEvent[] = [];
  let remembered = levels[0]!;
  let lastUs = Number.NEGATIVE_INFINITY;
  const leakPerUs = (leakHz * on) / 1e6;
  for (let k = 1; k < timesUs.length; k++) {
    const [t0, t1] = [timesUs[k - 1]!, timesUs[k]!];
    const slope = (levels[k]! - levels[k - 1]!) / (t1 - t0);
    // L(t) − M(t) from the last crossing on; M falls by the leak.
    let from = t0;
    let distance = levels[k - 1]! - remembered;
    const rate = slope + leakPerUs;
    for (;;) {
      const [goal, polarity] = rate > 0 ? [on, 1] : [-off, 0];
      const crossing = rate === 0 ? Number.POSITIVE_INFINITY : from + (goal - distance) / rate;
      if (!(crossing <= t1)) break;
      if (crossing - lastUs >= refractoryUs) {
        lastUs = crossing;
        events.push([Math.round(crossing), polarity]);
      }
      from = crossing;
      distance = 0;
    }
    remembered = levels[k]! - (distance + rate * (t1 - from));
  }
  return events;
}
