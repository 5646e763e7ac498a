/** Windows that slide over images, with sizes that the kernels' 32-bit numbers can hold. */
import { checkInteger, LARGEST_INT } from "../../checks/index.js";
import { OptionError, ShapeError } from "../../errors.js";

/** Sizes of a square window's steps; each applies to both axes. */
export interface Window {
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

/**
 * Checks a window on maps `[..., H, W]` with a kernel `[..., kh, kw]`.
 *
 * @throws OptionError if a number is no size, or together they leave 32 bits; ShapeError if a shape has no two axes
 */
export function checkWindow(
  operation: string,
  { stride, padding, dilation }: Window,
  { map, kernel }: { readonly map: readonly number[]; readonly kernel: readonly number[] },
): void {
  checkInteger(operation, "stride", stride, { most: LARGEST_INT });
  checkInteger(operation, "padding", padding, { least: 0, most: LARGEST_INT });
  checkInteger(operation, "dilation", dilation, { most: LARGEST_INT });
  if (map.length < 2 || kernel.length < 2) {
    throw new ShapeError(
      `${operation}: expected images [N, C, H, W] and weights [O, C, kh, kw], received [${map}] and [${kernel}]`,
    );
  }
  const reach = dilation * Math.max(kernel.at(-1)!, kernel.at(-2)!);
  const extent = (Math.max(map.at(-1)!, map.at(-2)!) + reach) * stride + 2 * padding;
  if (extent <= LARGEST_INT) return;
  throw new OptionError(
    `${operation}: expected a window within 2^31 pixels, received kernel [${kernel.slice(-2)}], stride ${stride}, ` +
      `padding ${padding}, dilation ${dilation} on [${map}]`,
  );
}

/** Checks the window of a convolution of stride 1 whose padding keeps the size: see {@link checkWindow}. */
export function checkSameWindow(
  operation: string,
  dilation: number,
  shapes: { readonly map: readonly number[]; readonly kernel: readonly number[] },
): void {
  checkWindow(operation, { stride: 1, padding: 0, dilation }, shapes);
  const padding = dilation * ((shapes.kernel.at(-1)! - 1) / 2);
  checkWindow(operation, { stride: 1, padding: Math.ceil(padding), dilation }, shapes);
}
