/** What is measured at one point of a sweep. */
import type { Measured } from "./interleave.js";
import type { SweepPoint } from "./sweeps.js";

export const scaleWorks = ["step", "infer"] as const;
export type ScaleWork = (typeof scaleWorks)[number];

/** A way that should need more memory than the limit is not measured. */
export type Figures = {
  readonly ours: Measured | undefined;
  readonly twin: Measured | undefined;
  /** Mean over the layers. */
  readonly density: number | undefined;
};

export type ScalePoint = SweepPoint & Figures & { readonly work: ScaleWork };
