/** Where the rows and columns of a resized map lie in the source. */
const { fround } = Math;

/**
 * For each row of the result, the two of the source around it and the share of the second, in the arithmetic of float32 as libtorch's
 * `upsample_bilinear2d`.
 *
 *     y = i·(h − 1)/(H − 1)              with aligned corners
 *     y = max(0, (i + ½)·h/H − ½)        without
 *
 * @param source - h, in pixels
 * @param target - H, in pixels
 * @returns `[H, 3]`: two int32 and the bits of a float32
 */
export function betweenTable(source: number, target: number, alignCorners: boolean): Int32Array {
  const table = new Int32Array(3 * target);
  const shares = new Float32Array(table.buffer);
  const aligned = target > 1 ? fround((source - 1) / (target - 1)) : 0;
  const scale = alignCorners ? aligned : fround(source / target);
  for (let i = 0; i < target; i++) {
    const at = alignCorners ? fround(scale * i) : Math.max(0, fround(fround(scale * (i + 0.5)) - 0.5));
    const low = Math.min(Math.floor(at), source - 1);
    table[3 * i] = low;
    table[3 * i + 1] = Math.min(low + 1, source - 1);
    shares[3 * i + 2] = at - low;
  }
  return table;
}
