/** The scores of compared runs as CSV. */
import type { ComparedRun, ComparisonReport } from "../../report/index.js";
import { type CsvCell, csvOf } from "../../tracking/index.js";

/** A row a run: scores with the interval over images, spikes, energies in pJ, and the IoU of every class. */
export function scoreCsv({ runs, classes }: Pick<ComparisonReport, "runs" | "classes">): string {
  return csvOf(runs.map((run) => scoreRow(run, classes)));
}

function scoreRow(
  { name, split, examples, scores, quality, difference, spikes, energy }: ComparedRun,
  classes: readonly string[],
): Record<string, CsvCell> {
  const row: Record<string, CsvCell> = { run: name, split, examples };
  for (const [key, value] of Object.entries(scores)) if (typeof value === "number") row[key] = value;
  row.meanIoULow = quality.intervals.meanIoU.low;
  row.meanIoUHigh = quality.intervals.meanIoU.high;
  row.meanIoUDifference = difference?.meanIoU;
  row.meanIoUDifferenceLow = difference?.interval.low;
  row.meanIoUDifferenceHigh = difference?.interval.high;
  row.boundaryIoU = quality.boundaryIoU;
  row.calibrationError = quality.calibrationError;
  row.meanRate = spikes?.meanRate;
  if ("annPj" in energy) {
    const { process, annPj, bits = 32 } = energy;
    row[`pJ ${process} ${bits < 32 ? "integer" : "float"}-synapses`] = annPj;
  } else {
    for (const { process, rows } of energy.processes) {
      for (const { id, snn, ann } of rows) {
        row[`pJ ${process} ${id}`] = snn.totalPj;
        row[`ANN twin's pJ ${process} ${id}`] = ann.totalPj;
      }
    }
  }
  for (const [k, iou] of scores.perClassIoU.entries()) row[`IoU ${classes[k]}`] = iou;
  return row;
}
