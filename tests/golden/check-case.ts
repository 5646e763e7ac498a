/** Checks one golden case of any kind. */
import type { Comparison } from "./comparison.js";
import { checkConvertCase } from "./convert-cases.js";
import { checkDdd17Case, checkScoresCase, checkVocCase } from "./data-cases.js";
import { type GoldenCase, loadCase } from "./golden-case.js";
import { checkForwardCase, checkTrainCase } from "./network-cases.js";

export interface CaseReport {
  readonly id: string;
  readonly kind: GoldenCase["kind"];
  readonly outcome: "passed" | "failed";
  readonly largestAbsolute: number;
  readonly largestRelative: number;
  /** What lay outside its bound, or that nobody knows this kind of case. */
  readonly notes: readonly string[];
}

/** Computes a case's numbers through the public API and compares them. */
export async function checkCase(path: string): Promise<CaseReport> {
  const loaded = await loadCase(path);
  const { content } = loaded;
  const { id, kind } = content;
  switch (content.kind) {
    case "ann":
    case "snn":
      return report(id, kind, checkForwardCase(content, loaded));
    case "train":
      return report(id, kind, checkTrainCase(content, loaded));
    case "convert":
      return report(id, kind, checkConvertCase(content, loaded));
    case "scores":
      return report(id, kind, checkScoresCase(content, loaded));
    case "voc-transform":
      return report(id, kind, checkVocCase(content, loaded));
    case "ddd17-transform":
      return report(id, kind, checkDdd17Case(content, loaded));
    default: {
      const notes = [`no check for cases of kind ${String(kind)}`];
      return { id, kind, outcome: "failed", largestAbsolute: 0, largestRelative: 0, notes };
    }
  }
}

function report(id: string, kind: GoldenCase["kind"], comparison: Comparison): CaseReport {
  const { failures, largestAbsolute, largestRelative } = comparison;
  const outcome = failures.length === 0 ? "passed" : "failed";
  return { id, kind, outcome, largestAbsolute, largestRelative, notes: failures };
}
