/** Maps of two sizes as one, as U-Net joins them (Ronneberger et al. 2015, arXiv:1505.04597). */
import { concat, resizeBilinear, scope, type Tensor } from "../../engine/index.js";
import { sizeOf } from "./shapes.js";

/** `[N, C, h, w]` resized to the kept `[N, C', H, W]`, whose channels come behind: `[N, C + C', H, W]`. */
export function joinMaps(x: Tensor, kept: Tensor): Tensor {
  return scope("join maps", () => concat([resizedTo(x, sizeOf(kept)), kept], 1));
}

/** `[N, C, h, w]` at another size (bilinear); itself where it has that size. */
export function resizedTo(x: Tensor, size: readonly [number, number]): Tensor {
  return sizeOf(x).join() === size.join() ? x : resizeBilinear(x, size);
}
