/** What `data show` draws. */
import type { RgbImage } from "../../images/index.js";
import type { PictureGrid } from "../../report/index.js";

/** What is to be drawn. */
export type Shown = {
  readonly grid: PictureGrid;
  /** Frames of one size and how long each is shown; none where nothing moves. */
  readonly animation: { readonly frames: readonly RgbImage[]; readonly delayMs: number } | undefined;
  /** What a program should know. */
  readonly facts: Readonly<Record<string, unknown>>;
};
