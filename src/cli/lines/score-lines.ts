/** Scores as people and programs read them. */
import type { Scores } from "../../metrics/index.js";
import type { EvaluationResult } from "../../training/index.js";
import { formatShare, formatTable } from "./format.js";

/** Overall scores and a table of classes. */
export function scoreLines(
  result: Scores & Pick<EvaluationResult, "baselineMeanIoU">,
  classes: readonly string[],
): string {
  const { meanIoU, baselineMeanIoU, pixelAccuracy, meanAccuracy, frequencyWeightedIoU } = result;
  const times = baselineMeanIoU > 0 ? ` (${(meanIoU / baselineMeanIoU).toFixed(1)} times the baseline)` : "";
  const rows = classes.map((name, k) => [name, formatShare(result.perClassIoU[k] ?? null)]);
  return [
    `mean IoU               ${meanIoU.toFixed(6)}${times}`,
    `baseline mean IoU      ${baselineMeanIoU.toFixed(6)} (the training split's majority class everywhere)`,
    `pixel accuracy         ${pixelAccuracy.toFixed(6)}`,
    `mean class accuracy    ${meanAccuracy.toFixed(6)}`,
    `frequency-weighted IoU ${frequencyWeightedIoU.toFixed(6)}`,
    "",
    formatTable([["class", "IoU"], ...rows]),
  ].join("\n");
}

/** The part of the JSON result that all scoring commands share. */
export function scoreJson(result: EvaluationResult, classes: readonly string[]): Record<string, unknown> {
  return { ...result, classes };
}
