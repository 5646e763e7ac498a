/**
 * Maps of two sizes as one. A way of joining is one entry here, and its name in `architecture.ts`; a decoder of that kind is then a
 * table of `keep`, `join` and `conv`.
 */
import { add, concat, resizeBilinear, scope, type Tensor } from "../../engine/index.js";
import type { JoinWay } from "./architecture.js";
import { sizeOf } from "./shapes.js";

/** What a way makes of two maps of one size, C channels from below and C' that were kept. */
interface JoinRule {
  /** Channels of the result; `undefined` where these two cannot be joined so. */
  readonly channels: (below: number, kept: number) => number | undefined;
  /** `[N, C, H, W]`, `[N, C', H, W]` → `[N, channels(C, C'), H, W]`. */
  readonly join: (below: Tensor, kept: Tensor) => Tensor;
  /** Additions per element of the result. */
  readonly additions: number;
}

export const joinWays: Readonly<Record<JoinWay, JoinRule>> = {
  // U-Net (Ronneberger et al. 2015, arXiv:1505.04597)
  channels: {
    channels: (below, kept) => below + kept,
    join: (below, kept) => concat([below, kept], 1),
    additions: 0,
  },
  // LinkNet (Chaurasia & Culurciello 2017, arXiv:1707.03718), feature pyramids (Lin et al. 2017, arXiv:1612.03144)
  sum: {
    channels: (below, kept) => (below === kept ? below : undefined),
    join: (below, kept) => add(below, kept),
    additions: 1,
  },
  // A decoder that fires between the resizing and the joining: what it joins are spikes
  size: {
    channels: (below) => below,
    join: (below) => below,
    additions: 0,
  },
};

/** How a network resizes maps. */
export interface Resizing {
  /** As of `resizeBilinear`. */
  readonly alignCorners: boolean;
}

/** `x` `[N, C, h, w]` resized (bilinear) to the kept `[N, C', H, W]` and joined with it. */
export function joinMaps(
  x: Tensor,
  kept: Tensor,
  { by, ...resizing }: Resizing & { readonly by: JoinWay },
): Tensor {
  return scope("join maps", () => joinWays[by].join(resizedTo(x, sizeOf(kept), resizing), kept));
}

/** `[N, C, h, w]` at another size (bilinear); itself where it has that size. */
export function resizedTo(x: Tensor, size: readonly [number, number], { alignCorners }: Resizing): Tensor {
  return sizeOf(x).join() === size.join() ? x : resizeBilinear(x, size, alignCorners);
}
