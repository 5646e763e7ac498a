/** Brightness as an event camera's pixel responds to it. */

/** Below this intensity of 0 … 255 the response is linear, as a logarithm would go to minus infinity. */
const linearBelow = 20;
const slope = Math.log(linearBelow) / linearBelow;

/**
 * Log intensity, in natural units:
 *
 *     L(I) = ln I  for I > 20,  I·ln(20)/20  below
 *
 * @param intensity - I, 0 … 255
 * @see Hu, Liu & Delbruck 2021, arXiv:2006.07722 (section 3)
 */
export function logIntensity(intensity: number): number {
  return intensity > linearBelow ? Math.log(intensity) : intensity * slope;
}

/** I of {@link logIntensity}. @param level - L */
export function intensityOf(level: number): number {
  return level > linearBelow * slope ? Math.exp(level) : level / slope;
}

/**
 * Log intensity of a picture's luma, 0.299·R + 0.587·G + 0.114·B (ITU-R BT.601).
 *
 * @param planes - `[3, H, W]` RGB or `[1, H, W]`, 0 … 255; not changed
 * @returns `[H, W]`
 */
export function logLuma({
  data,
  height,
  width,
}: {
  readonly data: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
}): Float32Array {
  const pixels = height * width;
  if (data.length === pixels) return Float32Array.from(data, logIntensity);
  return Float32Array.from({ length: pixels }, (_, i) =>
    logIntensity(0.299 * data[i]! + 0.587 * data[pixels + i]! + 0.114 * data[2 * pixels + i]!),
  );
}
