/** Sizes of maps. */

/** A map of one example at one timestep. */
export type Shape = readonly [channels: number, height: number, width: number];

/** Height and width of `[..., H, W]`. */
export function sizeOf(x: { readonly shape: readonly number[] }): [number, number] {
  const [height = 0, width = 0] = x.shape.slice(-2);
  return [height, width];
}

/**
 * Size after a 3x3 pooling with padding 1, or a convolution whose padding keeps the size: halving rounds up.
 *
 * @param size - height or width before, in pixels
 * @param stride - of the pooling or the convolution
 */
export function pooledSize(size: number, stride: number): number {
  return Math.floor((size - 1) / stride) + 1;
}
