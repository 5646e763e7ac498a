/** The two curves of a training run. */
import type { LineChart } from "./line-chart.js";
import type { RunReport } from "./run-report.js";

/** Training loss per epoch. */
export function lossChart({ epochs }: Pick<RunReport, "epochs">): LineChart {
  return {
    title: "Training loss",
    xName: "epoch",
    yName: "cross-entropy",
    curves: [{ name: "loss", points: epochs.map(({ epoch, loss }) => [epoch, loss] as const) }],
  };
}

/** Mean IoU and pixel accuracy per evaluation, with the baseline's mean IoU as a line. */
export function scoreChart({
  evaluations,
  baseline,
}: Pick<RunReport, "evaluations"> & {
  readonly baseline: Pick<RunReport["baseline"], "meanIoU">;
}): LineChart {
  return {
    title: "Scores",
    xName: "epoch",
    yName: "share",
    curves: [
      { name: "mean IoU", points: evaluations.map(({ epoch, meanIoU }) => [epoch, meanIoU] as const) },
      { name: "pixel accuracy", points: evaluations.map((e) => [e.epoch, e.pixelAccuracy] as const) },
    ],
    mark: { name: "mean IoU of the commonest class", y: baseline.meanIoU },
  };
}
