/** The report page of a converted run: what conversion did by layer, and what is left of the ANN's scores. */
import type { LineChart, RunReport } from "../../report/index.js";
import type { EvaluationResult, RunFolder } from "../../training/index.js";
import { shownOptions, shownPictures, shownResult, shownWarnings } from "../write-results.js";
import type { ConvertedRun } from "./converted-run.js";
import { layerChart, layerHead, layerRows } from "./layer-rows.js";

/** Fills the page. */
export function conversionReport(
  folder: RunFolder,
  {
    run: { ann, resolved, environment, asked, conversion, layers, result, loader },
    annResult,
    curve,
    png,
  }: {
    readonly run: ConvertedRun;
    readonly annResult: EvaluationResult;
    /** Mean IoU over timesteps, where it was asked for. */
    readonly curve: LineChart | undefined;
    readonly png: Uint8Array | undefined;
  },
): RunReport {
  const { config } = resolved;
  const { dataset } = loader;
  return {
    title: `Spiking ${config.arch} on ${dataset.name}, converted from an ANN`,
    summary:
      `Mean IoU ${result.meanIoU.toFixed(4)} after ${config.timesteps} timesteps on split ${result.split}; the ANN's ` +
      `is ${annResult.meanIoU.toFixed(4)}.`,
    facts: [
      ...shownWarnings(result, { classes: dataset.classes, batchNorm: false }),
      ["run", folder.path],
      ["converted from", ann.file],
      ["method", asked.method],
      ["thresholds", `one per ${asked.thresholds}`],
      ["evaluation split", `${result.split}, ${result.examples} examples`],
      ["mean IoU of the ANN", annResult.meanIoU.toFixed(4)],
      ["pixel accuracy of the ANN", annResult.pixelAccuracy.toFixed(4)],
      ...Object.entries(environment).map(([fact, value]) => [fact, String(value)] as const),
    ],
    charts: curve === undefined ? [layerChart(layers)] : [layerChart(layers), curve],
    tables: [{ title: "Conversion by layer", head: layerHead, rows: layerRows(layers) }],
    ...shownResult(result, dataset),
    options: shownOptions(resolved, conversion.model),
    pictures: shownPictures(png, result.split),
  };
}
