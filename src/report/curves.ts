/** The two curves of a training run. */
import type { LineChart } from "./line-chart.js";

/** Training loss per epoch. */
export function lossChart(epochs: readonly { readonly epoch: number; readonly loss: number }[]): LineChart {
  return {
    title: "Training loss",
    xName: "epoch",
    yName: "loss",
    curves: [{ name: "loss", points: epochs.map(({ epoch, loss }) => [epoch, loss] as const) }],
  };
}

/** Mean IoU and pixel accuracy per evaluation, with that of the majority-class baseline as a line. */
export function scoreChart(
  evaluations: readonly {
    readonly epoch: number;
    readonly meanIoU: number;
    readonly pixelAccuracy: number;
  }[],
  baseline: { readonly meanIoU: number },
): LineChart {
  return {
    title: "Scores",
    xName: "epoch",
    yName: "share",
    curves: [
      { name: "mean IoU", points: evaluations.map(({ epoch, meanIoU }) => [epoch, meanIoU] as const) },
      { name: "pixel accuracy", points: evaluations.map((e) => [e.epoch, e.pixelAccuracy] as const) },
    ],
    mark: { name: "baseline mean IoU", y: baseline.meanIoU },
  };
}
