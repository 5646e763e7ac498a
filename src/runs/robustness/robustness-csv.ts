/** Sweeps as CSV. */
import { csvOf } from "../../tracking/index.js";
import type { RunRobustness } from "./sweep-robustness.js";

/** A row a point of every run's curves, with the 95 % interval over images and the scores of single seeds. */
export function robustnessCsv(runs: readonly RunRobustness[]): string {
  return csvOf(
    runs.flatMap(({ checkpoint, curves }) =>
      curves.flatMap(({ kind, unit, points }) =>
        points.map(({ strength, meanIoU, interval: { low, high }, relativeDrop, perSeed }) => ({
          ...{ checkpoint, kind, unit, strength, meanIoU, low, high, relativeDrop },
          perSeed: perSeed.join(" "),
        })),
      ),
    ),
  );
}
