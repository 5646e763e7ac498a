/** How much of a dilated kernel reads the image at all. */

/**
 * Share of the products of a square kernel, centred on every pixel of a map, whose input lies inside the map. With
 * dilation 12 on a 16x16 map it is a quarter: most of the kernel's taps read padding.
 */
export function tapsInside(
  height: number,
  width: number,
  { kernelSize, dilation }: { readonly kernelSize: number; readonly dilation: number },
): number {
  const along = (size: number) => {
    let inside = 0;
    for (let tap = 0; tap < kernelSize; tap++) {
      const offset = Math.abs(tap - (kernelSize - 1) / 2) * dilation;
      inside += Math.max(0, size - offset);
    }
    return inside / (kernelSize * size);
  };
  return along(height) * along(width);
}
